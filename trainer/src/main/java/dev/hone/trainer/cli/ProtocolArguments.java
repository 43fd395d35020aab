package dev.hone.trainer.cli;

import dev.hone.benchmarks.CatalogueEntry;
import dev.hone.benchmarks.Protocol;
import dev.hone.datasets.UserError;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How benchmarks are answered: what is not given is each benchmark's own. */
final class ProtocolArguments {

    private static final Protocol OF_PAIRS = new Protocol(1, 0, 1, 256, 0);

    @Option(names = "--attempts", paramLabel = "N", description = "Answers to each problem. Default: the benchmark's.")
    private @Nullable Integer attempts;

    @Option(names = "--temperature", paramLabel = "T", description = "Default: the benchmark's, or 0.")
    private @Nullable Double temperature;

    @Option(names = "--top-k", paramLabel = "K", description = "Default: the benchmark's, or 0, off.")
    private @Nullable Integer topK;

    @Option(names = "--top-p", paramLabel = "P", description = "Default: the benchmark's, or 1.")
    private @Nullable Double topP;

    @Option(names = "--max-tokens", paramLabel = "N", description = "Default: the benchmark's, or 256.")
    private @Nullable Integer maxTokens;

    @Option(names = "--seed", paramLabel = "N", description = "Default: the benchmark's, or 0.")
    private @Nullable Long seed;

    /**
     * The protocol of a benchmark.
     *
     * @param entry its description; null for pairs
     * @throws UserError where a value is out of its range, or they contradict each other
     */
    Protocol of(@Nullable CatalogueEntry entry) {
        Protocol usual = entry == null ? OF_PAIRS : entry.protocol();
        return new Protocol(
                attempts == null ? usual.attempts() : attempts,
                temperature == null ? usual.temperature() : temperature,
                topK == null ? usual.topK() : topK,
                topP == null ? usual.topP() : topP,
                maxTokens == null ? usual.maxTokens() : maxTokens,
                seed == null ? usual.seed() : seed);
    }
}
