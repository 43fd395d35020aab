package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.datasets.text.Tokenizer;
import dev.hone.trainer.TestDevices;
import dev.hone.trainer.run.ChatUse;
import dev.hone.trainer.run.Inference;
import dev.hone.trainer.run.Output;
import dev.hone.trainer.serve.ModelServer;
import dev.hone.trainer.serve.ServedModel;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Curation whose attempts a server of OpenAI's API makes. */
class ServedCurationTest {
    private static final Path BASE =
            Path.of("..", "recipes", "quickstart", "base").toAbsolutePath().normalize();
    private static final String ARITHMETIC = "{generator: arithmetic, count: 40, seed: 5}";
    private static final String GREEDY = "temperature: 0, max_pass_rate: 1, max_tokens: 24";
    private static final int PAIRS = 80;
    private static final int CONCURRENCY = 4;
    private static final int[] KILLED_AFTER = {1, 30, 75};

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"chat", "completions"})
    void aModelServedByHoneAnswersAsItDoesHere(String api) throws IOException {
        TestDevices.open("cpu").close();
        Path own = recipe("own.yaml", ARITHMETIC, GREEDY);
        Output quiet = new Output(new PrintStream(OutputStream.nullOutputStream()), false);
        try (Inference inference = Inference.open(BASE, ChatUse.AUTO, "cpu", "float32", 160, quiet);
                Tokenizer tokenizer = Tokenizer.read(Recipes.TOKENIZER);
                ModelServer server = new ModelServer(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        ServedModel.of("base", BASE, tokenizer, null, 160),
                        inference.generator(),
                        null)) {
            Path served = recipe(
                    "served.yaml",
                    ARITHMETIC,
                    GREEDY
                            + ", served: {endpoint: \"http://127.0.0.1:%d/v1\", model: base, api: %s}"
                                    .formatted(server.port(), api));
            Cli here = Cli.run(
                    "curate", own.toString(), "--output", folder.resolve("own").toString());
            assertThat(here.exitCode()).as(here.err()).isZero();
            Cli there = Cli.run(
                    "curate",
                    served.toString(),
                    "--output",
                    folder.resolve("served").toString());
            assertThat(there.exitCode()).as(there.err()).isZero();
            assertThat(there.err()).contains("math: base: 38 requests answered, 0 from the cache");
        }
        for (String file : List.of("math.jsonl", "math-dropped.jsonl")) {
            assertThat(rounded(folder.resolve("served").resolve(file)))
                    .isNotEmpty()
                    .isEqualTo(rounded(folder.resolve("own").resolve(file)));
        }
    }

    @Test
    void killedAgainAndAgainItPaysForNothingTwice() throws Exception {
        Additions.write(folder.resolve("candidates.jsonl"), PAIRS);
        // Of four attempts none is right, or one, and so on.
        try (CountingServer server = new CountingServer((number, choice) -> number + (choice < number % 5 ? 1 : 2))) {
            Path recipe = recipe(
                    "paid.yaml",
                    "{file: candidates.jsonl}",
                    "served: {endpoint: \"%s\", model: m, concurrency: %d}".formatted(server.endpoint(), CONCURRENCY));
            Path log = folder.resolve("log");
            Path killed = folder.resolve("killed");
            for (int answers : KILLED_AFTER) {
                Process process = HoneProcess.start(log, "curate", recipe.toString(), "--output", killed.toString());
                while (process.isAlive() && server.answered() < answers) {
                    Thread.sleep(1);
                }
                assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
                process.destroyForcibly().waitFor(1, TimeUnit.MINUTES);
            }
            curated(log, recipe, killed);
            // What was on its way when the process ended may be asked again, and nothing else.
            assertThat(server.answered()).isBetween(PAIRS, PAIRS + KILLED_AFTER.length * CONCURRENCY);

            Path whole = folder.resolve("whole");
            curated(log, recipe, whole);
            assertThat(Files.readAllLines(whole.resolve("math.jsonl"))).hasSize(PAIRS * 3 / 5);
            assertThat(Files.readAllLines(killed.resolve("math.attempts.jsonl")))
                    .doesNotHaveDuplicates()
                    .containsExactlyInAnyOrderElementsOf(Files.readAllLines(whole.resolve("math.attempts.jsonl")));
            for (String file : List.of("math.jsonl", "math-dropped.jsonl")) {
                assertThat(killed.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
            }
        }
    }

    /** Log-probabilities to six places: the server's have not all digits. */
    private static List<String> rounded(Path file) throws IOException {
        Pattern number = Pattern.compile("(?<=\"mean_logprob\":)[^,]+");
        return Files.readAllLines(file).stream()
                .map(pair ->
                        number.matcher(pair).replaceAll(found -> "%.6f".formatted(Double.parseDouble(found.group()))))
                .toList();
    }

    private static void curated(Path log, Path recipe, Path output) throws Exception {
        assertThat(HoneProcess.run(log, "curate", recipe.toString(), "--output", output.toString()))
                .as(Files.readString(log))
                .isZero();
    }

    private Path recipe(String name, String candidates, String curate) throws IOException {
        Path file = folder.resolve(name);
        Files.writeString(file, """
                model: {path: %s}
                domains:
                  - name: math
                    candidates: [%s]
                    validation: [{generator: arithmetic, levels: [1], count: 2}]
                    benchmark: [{generator: arithmetic, levels: [1], count: 2}]
                curate: {attempts: 4, min_pass_rate: 0.25, %s}
                sft: {max_length: 128, tokens_per_step: 256}
                """.formatted(BASE, candidates, curate));
        return file;
    }
}
