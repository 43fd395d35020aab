package dev.hone.trainer.cli;

import dev.hone.datasets.reference.AnswerKeys;
import dev.hone.datasets.reference.ClientOptions;
import dev.hone.datasets.reference.Endpoint;
import dev.hone.datasets.reference.Endpoint.Price;
import dev.hone.datasets.reference.Made;
import dev.hone.datasets.reference.ReferenceClient;
import dev.hone.datasets.reference.ReferenceClient.Statistics;
import dev.hone.trainer.run.Output;
import dev.hone.trainer.run.Progress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** The reference model, the same for every command that asks one. */
final class ReferenceArguments {

    @Option(
            names = "--endpoint",
            required = true,
            paramLabel = "URL",
            description = "Base URL of an OpenAI-compatible server, such as http://localhost:8000/v1.")
    private URI endpoint = URI.create("");

    @Option(names = "--model", required = true, paramLabel = "NAME", description = "The model's name there.")
    private String model = "";

    @Option(
            names = "--api-key-env",
            paramLabel = "VARIABLE",
            description = "The environment variable that holds the API key. Default: no key is sent.")
    @Nullable
    private String apiKeyVariable;

    @Option(
            names = "--cache",
            paramLabel = "DIR",
            description = "Where answers and spending are kept, so that nothing is asked or paid twice."
                    + " Default: the output's name with .cache appended.")
    @Nullable
    private Path cache;

    @Option(
            names = "--budget",
            paramLabel = "MONEY",
            description = "Most that may be spent over all runs with this cache, in the currency of the prices.")
    private double budget = Double.POSITIVE_INFINITY;

    @Option(names = "--price-prompt", paramLabel = "MONEY", description = "Price of a million prompt tokens.")
    private double pricePrompt;

    @Option(names = "--price-completion", paramLabel = "MONEY", description = "Price of a million completion tokens.")
    private double priceCompletion;

    @Option(names = "--concurrency", paramLabel = "N", description = "Requests at once. Default: ${DEFAULT-VALUE}.")
    private int concurrency = 4;

    @Option(
            names = "--requests-per-minute",
            paramLabel = "N",
            description = "Requests begun in a minute, at most; 0 sets no limit. Default: ${DEFAULT-VALUE}.")
    private double requestsPerMinute;

    @Option(names = "--retries", paramLabel = "N", description = "Tries after a fault. Default: ${DEFAULT-VALUE}.")
    private int retries = 8;

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "For one request. Default: ${DEFAULT-VALUE}.")
    private int timeout = 600;

    @Option(names = "--answers", paramLabel = "N", description = "Answers to a question. Default: ${DEFAULT-VALUE}.")
    private int answers = 5;

    @Option(
            names = "--agreement",
            paramLabel = "SHARE",
            description = "Share of the answers that must agree. Default: ${DEFAULT-VALUE}.")
    private double agreement = 0.8;

    @Option(names = "--temperature", paramLabel = "T", description = "Of sampling. Default: ${DEFAULT-VALUE}.")
    private double temperature = 0.8;

    @Option(names = "--max-tokens", paramLabel = "N", description = "Longest answer. Default: ${DEFAULT-VALUE}.")
    private int maxTokens = 4096;

    @Option(names = "--seed", paramLabel = "N", description = "Of sampling. Default: ${DEFAULT-VALUE}.")
    private long seed;

    ReferenceClient client(Path output) {
        Path folder = cache != null ? cache : output.resolveSibling(output.getFileName() + ".cache");
        return new ReferenceClient(
                new Endpoint(endpoint, model, apiKeyVariable, new Price(pricePrompt, priceCompletion)),
                new ClientOptions(
                        concurrency,
                        requestsPerMinute,
                        retries,
                        Duration.ofMillis(500),
                        Duration.ofSeconds(timeout),
                        budget,
                        folder));
    }

    AnswerKeys.Options solving() {
        return new AnswerKeys.Options(answers, agreement, temperature, maxTokens, seed);
    }

    /**
     * Shows progress while something is made.
     *
     * @param work is given what it calls after each
     */
    static Made tracked(String task, int all, Function<Runnable, Made> work) {
        try (Progress progress = Output.standard().progress(task, 0, all)) {
            return work.apply(progress.counter("decided"));
        }
    }

    /** Tells what was made and what it took, for people or for programs. */
    static void tell(Made made, String summary, Statistics statistics, JsonOption json) {
        if (json.on) {
            System.out.println(JsonMapper.shared()
                    .writeValueAsString(
                            Map.of("made", made.pairs().size(), "outcomes", made.outcomes(), "reference", statistics)));
            return;
        }
        System.out.println(summary);
        System.out.println(made);
        System.out.println(statistics);
    }
}
