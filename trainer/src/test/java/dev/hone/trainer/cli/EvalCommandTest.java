package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The quickstart's base judged by several benchmarks in one call. */
class EvalCommandTest {

    private static final Path BASE = Path.of("../recipes/quickstart/base");
    private static final int PROBLEMS = 40;

    @TempDir
    private Path directory;

    private Path output;

    @BeforeEach
    void describe() throws IOException {
        output = directory.resolve("evals");
        benchmark("sums", "+", 8);
        benchmark("products", "*", 12);
    }

    @Test
    void eachIsAnsweredByItsOwnProtocolAndTheModelIsLoadedOnce() throws IOException {
        Path harness = directory.resolve("harness");

        Cli judged = eval("sums,products", "--lm-eval", harness.toString());

        assertThat(judged.exitCode()).as(judged.err()).isZero();
        assertThat(judged.err().lines().filter(line -> line.startsWith("device: ")))
                .hasSize(1);
        assertThat(judged.out().lines().limit(3))
                .satisfiesExactly(
                        head -> assertThat(head).startsWith("benchmark"),
                        row -> assertThat(row).matches("sums +\\d+\\.\\d% .* 40 +1"),
                        row -> assertThat(row).matches("products +\\d+\\.\\d% .* 40 +1"));
        assertThat(json(output.resolve("sums.json")).at("/protocol/max_tokens").asInt())
                .isEqualTo(8);
        assertThat(json(output.resolve("products.json"))
                        .at("/protocol/max_tokens")
                        .asInt())
                .isEqualTo(12);
        assertThat(json(output.resolve("summary.json")).path("benchmarks"))
                .extracting(figures -> figures.path("benchmark").asString())
                .containsExactly("sums", "products");
        try (Stream<Path> files = Files.walk(harness)) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(file -> file.getFileName().toString().replaceFirst("_\\d{4}-.*", "")))
                    .containsExactlyInAnyOrder("results", "samples_sums", "samples_products");
        }
        // Alone it is answered to the same bits, though the buffers are planned for less.
        Path alone = directory.resolve("alone");
        assertThat(eval("sums", "--output", alone.toString()).out()).startsWith("sums: ");
        assertThat(alone.resolve("sums.jsonl")).hasSameBinaryContentAs(output.resolve("sums.jsonl"));
        assertThat(alone.resolve("sums.json")).hasSameBinaryContentAs(output.resolve("sums.json"));
        assertThat(alone.resolve("summary.json")).doesNotExist();
    }

    @Test
    void forProgramsOneIsAnObjectAndSeveralAreAnArray() {
        Cli both = eval("sums,products", "--limit", "2", "--json");
        Cli one = eval("sums", "--limit", "2", "--json");

        JsonNode results = JsonMapper.shared().readTree(both.out());
        assertThat(results).extracting(result -> result.path("n").asInt()).containsExactly(2, 2);
        assertThat(results.get(0)).isEqualTo(JsonMapper.shared().readTree(one.out()));
    }

    @Test
    void whatIsFinishedIsNotAnsweredAgainUnlessTheModelIsAnother() throws IOException {
        Path model = copyOfBase();
        assertThat(eval(model, "sums").exitCode()).isZero();
        FileTime written = Files.getLastModifiedTime(output.resolve("sums.json"));

        Cli again = eval(model, "sums,products");
        assertThat(again.err()).contains("sums: answered before").doesNotContain("products: answered before");
        assertThat(Files.getLastModifiedTime(output.resolve("sums.json"))).isEqualTo(written);
        Cli finished = eval(model, "sums,products");
        assertThat(finished.out()).isEqualTo(again.out());
        assertThat(finished.err()).as("the model is not loaded").doesNotContain("device: ");

        assertThat(eval(model, "sums", "--max-tokens", "9").err())
                .as("another protocol")
                .doesNotContain("answered before");
        assertThat(eval(model, "products", "--dtype", "bfloat16").err())
                .as("another type of weights")
                .doesNotContain("answered before");
        Files.setLastModifiedTime(model.resolve("model.safetensors"), FileTime.fromMillis(1));
        assertThat(eval(model, "sums", "--max-tokens", "9").err())
                .as("trained on")
                .doesNotContain("answered before");
    }

    @Test
    void killedInTheSecondItGoesOnThere() throws Exception {
        Path whole = directory.resolve("whole");
        assertThat(eval("sums,products", "--output", whole.toString()).exitCode())
                .isZero();
        Path log = directory.resolve("log");
        Path partial = output.resolve("products.jsonl.partial");

        Process process = HoneProcess.start(log, arguments(BASE, "sums,products"));
        while (process.isAlive() && !(Files.exists(partial) && Files.size(partial) > 2000)) {
            Thread.sleep(1);
        }
        process.destroyForcibly().waitFor(1, TimeUnit.MINUTES);
        assertThat(partial).exists();
        FileTime written = Files.getLastModifiedTime(output.resolve("sums.json"));
        Cli resumed = eval("sums,products");

        assertThat(resumed.err()).contains("sums: answered before").contains("products: goes on with ");
        assertThat(Files.getLastModifiedTime(output.resolve("sums.json"))).isEqualTo(written);
        for (String file : List.of("sums.json", "sums.jsonl", "products.json", "products.jsonl", "summary.json")) {
            assertThat(output.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
        }
        assertThat(partial).doesNotExist();
    }

    @Test
    void isComparedWithTheFolderOfAnother() throws IOException {
        Path other = directory.resolve("other");
        assertThat(eval("sums,products", "--output", other.toString(), "--max-tokens", "1")
                        .exitCode())
                .isZero();

        Cli judged = eval("sums,products", "--against", other.toString());
        assertThat(judged.out())
                .contains("against " + other.resolve("sums.json") + ": ")
                .contains("against " + other.resolve("products.json") + ": ");

        // The folders' summaries are no results.
        Cli compared = Cli.run("compare", other.toString(), output.toString(), "--json");
        assertThat(compared.exitCode()).as(compared.err()).isZero();
        JsonNode comparisons = JsonMapper.shared().readTree(compared.out());
        assertThat(comparisons.propertyNames()).containsExactly("products", "sums");
        double[] alone = {
            comparisons.at("/products/p_value").asDouble(),
            comparisons.at("/sums/p_value").asDouble()
        };
        assertThat(comparisons.at("/sums/adjusted_p_value").asDouble())
                .isGreaterThanOrEqualTo(alone[1])
                .isLessThanOrEqualTo(Math.min(1, 2 * Arrays.stream(alone).max().orElseThrow()));

        Files.delete(output.resolve("products.json"));
        assertThat(Cli.run("compare", other.toString(), output.toString()).err())
                .contains("not compared, only in " + other + ": products");
    }

    @Test
    void isRefusedBeforeTheModelIsLoaded() throws IOException {
        Path other = Files.createDirectories(directory.resolve("other"));
        assertThat(eval("sums", "--output", other.toString(), "--limit", "3").exitCode())
                .isZero();

        refuses("two benchmarks are called sums", "sums,sums");
        refuses("--against " + other + " has no products.json", "sums,products", "--against", other.toString());
        refuses(
                "sums.json is one result, but there are 2 benchmarks",
                "sums,products",
                "--against",
                other.resolve("sums.json").toString());
        refuses("sums.json is of other problems than sums here", "sums", "--against", other.toString());
        benchmark("summary", "+", 4);
        refuses("a benchmark cannot be called summary", "summary");
        Files.delete(directory.resolve("data/products/test.jsonl"));
        refuses("of benchmark products; fetch it from https://example.org/products", "sums,products");
    }

    private void refuses(String sentence, String benchmarks, String... more) {
        Cli refused = eval(benchmarks, more);
        assertThat(refused.exitCode()).as(refused.err()).isEqualTo(2);
        assertThat(refused.err()).contains(sentence).doesNotContain("device: ");
    }

    private Cli eval(String benchmarks, String... more) {
        return eval(BASE, benchmarks, more);
    }

    private Cli eval(Path model, String benchmarks, String... more) {
        return Cli.run(arguments(model, benchmarks, more));
    }

    /** Later options replace those before. */
    private String[] arguments(Path model, String benchmarks, String... more) {
        List<String> arguments = new ArrayList<>(List.of("eval", model.toString(), "--data", directory + "/data"));
        String names = Arrays.stream(benchmarks.split(","))
                .map(name -> directory.resolve(name + ".yaml").toString())
                .collect(Collectors.joining(","));
        arguments.addAll(List.of("--benchmark", names));
        if (!List.of(more).contains("--output")) {
            arguments.addAll(List.of("--output", output.toString()));
        }
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    /** Problems such as "3+4=?" with their description. */
    private void benchmark(String name, String operator, int maxTokens) throws IOException {
        Files.writeString(directory.resolve(name + ".yaml"), """
                name: %s
                source: {files: [test.jsonl], url: https://example.org/%s}
                prompt: "{q}\\n"
                answer: "{a}"
                verifier: math
                protocol: {attempts: 1, temperature: 0, top_p: 1, max_tokens: %d, seed: 0}
                """.formatted(name, name, maxTokens));
        Path folder = Files.createDirectories(directory.resolve("data").resolve(name));
        Files.writeString(
                folder.resolve("test.jsonl"),
                IntStream.range(0, PROBLEMS)
                        .mapToObj(i -> "{\"q\": \"%d%s%d=?\", \"a\": %d}%n"
                                .formatted(i, operator, i + 1, operator.equals("+") ? 2 * i + 1 : i * (i + 1)))
                        .collect(Collectors.joining()));
    }

    private Path copyOfBase() throws IOException {
        Path copy = Files.createDirectories(directory.resolve("model"));
        for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
            Files.copy(BASE.resolve(file), copy.resolve(file));
        }
        return copy;
    }

    private static JsonNode json(Path file) throws IOException {
        return JsonMapper.shared().readTree(Files.readString(file));
    }
}
