package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Recipes that name benchmarks: of the catalogue, and of the user's own. */
class BenchmarkRunTest {

    private static final Path PUBLISHED = Path.of("..", "benchmarks", "src", "test", "resources", "data")
            .toAbsolutePath()
            .normalize();

    @TempDir
    private Path directory;

    @Test
    void aRunIsJudgedByBenchmarksOfTheCatalogueAndOfTheUsersOwn() throws IOException {
        Path own = Files.createDirectories(directory.resolve("problems/sums"));
        Files.writeString(own.resolve("test.jsonl"), "{\"q\": \"1+1=\", \"a\": 2}\n{\"q\": \"2+1=\", \"a\": 3}\n");
        Files.writeString(directory.resolve("sums.yaml"), """
                name: sums
                source: {files: [test.jsonl], url: https://example.org/sums}
                prompt: "{q}"
                answer: "{a}"
                verifier: math
                protocol: {attempts: 1, temperature: 0, top_p: 1, max_tokens: 8, seed: 0}
                """);
        Path recipe = judgedBy("""
                    - {benchmark: gsm8k, file: %s, count: 1}
                    - {benchmark: svamp, file: %s}
                    - {benchmark: sums.yaml, file: problems}
                """.formatted(PUBLISHED, PUBLISHED));
        Path run = directory.resolve("run");

        Cli ran = Cli.run("train", recipe.toString(), "--output-dir", run.toString(), "--json");

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(problems(run, "gsm8k")).isEqualTo(1);
        assertThat(problems(run, "svamp")).isGreaterThan(1);
        assertThat(problems(run, "sums")).isEqualTo(2);
        assertThat(Cli.run("resume", run.toString()).exitCode()).isZero();
        assertThat(run.resolve("samples"))
                .isDirectoryNotContaining(file -> file.toString().endsWith(".partial"));
    }

    @Test
    void missingProblemsAreRefusedBySayingWhereToFetchThem() throws IOException {
        Path empty = Files.createDirectories(directory.resolve("empty"));
        Path recipe = judgedBy("    - {benchmark: gsm8k, file: %s}\n".formatted(empty));

        Cli ran = Cli.run("train", recipe.toString(), "--output-dir", directory + "/run");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err())
                .contains("hone: Cannot read " + empty.resolve("gsm8k"))
                .contains("fetch it from https://github.com/openai/grade-school-math")
                .contains("hone pull --benchmark gsm8k");
    }

    private Path judgedBy(String benchmarks) throws IOException {
        Path recipe = Recipes.fineTuning(directory, 2);
        Files.writeString(
                recipe,
                Files.readString(recipe).replace("max_position_embeddings: 128", "max_position_embeddings: 1024")
                        + "  benchmark:\n" + benchmarks + "  max_tokens: 8\n");
        return recipe;
    }

    private static int problems(Path run, String benchmark) throws IOException {
        JsonNode result =
                JsonMapper.shared().readTree(Files.readString(run.resolve("evals/sft-" + benchmark + ".json")));
        assertThat(result.path("domain").asString()).isEqualTo(benchmark);
        return result.path("n").asInt();
    }
}
