package dev.hone.trainer.cli;

import dev.hone.benchmarks.Benchmark;
import dev.hone.benchmarks.Catalogue;
import dev.hone.benchmarks.CatalogueEntry;
import dev.hone.benchmarks.EvalResult;
import dev.hone.benchmarks.Evaluator;
import dev.hone.benchmarks.PairedComparison;
import dev.hone.benchmarks.Protocol;
import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.PairReader;
import dev.hone.trainer.run.Inference;
import dev.hone.trainer.run.Output;
import dev.hone.trainer.run.Progress;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "eval",
        description = "Judges a model by a benchmark: accuracy with its confidence interval, every answer kept.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone eval runs/gsm8k --benchmark gsm8k --data datasets/data",
            "  hone eval runs/quickstart --file problems.jsonl --max-tokens 96",
            "  hone eval runs/second --benchmark svamp --data DIR --against runs/first/evals/svamp.json"
        })
final class EvalCommand implements Runnable {

    private static final int LONGEST_PROMPT = 4096;

    @Parameters(
            paramLabel = "MODEL",
            description = "A Hugging Face folder, a checkpoint, or a run, which stands for its newest checkpoint.")
    private Path model = Path.of("");

    @Option(names = "--benchmark", paramLabel = "NAME", description = "aime24, amc23, gsm8k, humaneval or svamp.")
    private @Nullable String benchmark;

    @Option(names = "--data", paramLabel = "DIR", description = "The folder that holds the benchmarks' files.")
    private Path data = Path.of("datasets", "data");

    @Option(names = "--file", paramLabel = "FILE", description = "Problems of your own: pairs in JSONL.")
    private @Nullable Path file;

    @Option(names = "--limit", paramLabel = "N", description = "Only the first N problems.")
    private @Nullable Integer limit;

    @Option(names = "--attempts", paramLabel = "N", description = "Answers to each problem. Default: the benchmark's.")
    private @Nullable Integer attempts;

    @Option(names = "--temperature", paramLabel = "T", description = "Default: the benchmark's, or 0.")
    private @Nullable Double temperature;

    @Option(names = "--top-p", paramLabel = "P", description = "Default: the benchmark's, or 1.")
    private @Nullable Double topP;

    @Option(names = "--max-tokens", paramLabel = "N", description = "Default: the benchmark's, or 256.")
    private @Nullable Integer maxTokens;

    @Option(names = "--seed", paramLabel = "N", description = "Default: the benchmark's, or 0.")
    private @Nullable Long seed;

    @Option(
            names = "--output",
            paramLabel = "DIR",
            description = "Where to write <benchmark>.json and <benchmark>.jsonl, every answer. Default: evals.")
    private Path output = Path.of("evals");

    @Option(names = "--against", paramLabel = "FILE", description = "Another model's result, to compare with.")
    private @Nullable Path against;

    @Mixin
    private final DeviceOption device = new DeviceOption();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Override
    public void run() {
        @Nullable EvalResult other = against == null ? null : EvalResult.read(against);
        Benchmark problems = problems();
        Protocol protocol = protocol();
        Output lines = Output.standard();
        EvalResult result;
        try (Inference inference =
                        Inference.open(model, device.orElse("auto"), LONGEST_PROMPT + protocol.maxTokens(), lines);
                Progress progress = lines.progress(
                        "evaluate " + problems.name(),
                        0,
                        (long) problems.pairs().size() * protocol.attempts())) {
            result = new Evaluator()
                    .evaluate(
                            problems,
                            inference.solver(progress.generation(() -> {})),
                            protocol,
                            output.resolve(problems.name() + ".jsonl"));
        }
        Path written = output.resolve(problems.name() + ".json");
        result.write(written);
        if (json.on) {
            System.out.println(result.toJson());
            return;
        }
        System.out.println(String.format(
                Locale.ROOT,
                "%s: %.1f%% (95%% interval %.1f to %.1f), %d problems, %d attempts each",
                result.benchmark(),
                100 * result.accuracy(),
                100 * result.interval().low(),
                100 * result.interval().high(),
                result.n(),
                result.attempts()));
        result.passAtK()
                .forEach((k, share) ->
                        System.out.println(String.format(Locale.ROOT, "pass@%d: %.1f%%", k, 100 * share)));
        if (other != null) {
            System.out.println("against " + against + ": "
                    + PairedComparison.of(other, result).verdict());
        }
        System.out.println("written to " + written + " and " + output.resolve(problems.name() + ".jsonl"));
    }

    private Benchmark problems() {
        if ((benchmark == null) == (file == null)) {
            throw new UserError("expected either --benchmark or --file; give one of the two");
        }
        Benchmark all = benchmark != null
                ? Catalogue.named(benchmark).read(data)
                : new Benchmark(name(file), name(file), PairReader.read(file));
        return limit == null || limit >= all.pairs().size()
                ? all
                : new Benchmark(all.name(), all.domain(), all.pairs().subList(0, Math.max(1, limit)));
    }

    private static String name(Path file) {
        return file.getFileName().toString().replaceFirst("\\.jsonl$", "");
    }

    private Protocol protocol() {
        @Nullable CatalogueEntry entry = benchmark == null ? null : Catalogue.named(benchmark);
        Protocol usual = entry == null ? new Protocol(1, 0, 1, 256, 0) : entry.protocol();
        return new Protocol(
                attempts == null ? usual.attempts() : attempts,
                temperature == null ? usual.temperature() : temperature,
                topP == null ? usual.topP() : topP,
                maxTokens == null ? usual.maxTokens() : maxTokens,
                seed == null ? usual.seed() : seed);
    }
}
