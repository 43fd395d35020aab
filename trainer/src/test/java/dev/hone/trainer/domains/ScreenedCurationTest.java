package dev.hone.trainer.domains;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hone.trainer.TestDevices;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.recipe.RecipeReader;
import dev.hone.trainer.run.ChatUse;
import dev.hone.trainer.run.Inference;
import dev.hone.trainer.run.Output;
import dev.hone.trainer.screen.ScreenReport;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Curation with a screen, of the quickstart's base model. */
class ScreenedCurationTest {

    private static final Path BASE =
            Path.of("..", "recipes", "quickstart", "base").toAbsolutePath().normalize();
    private static final List<String> FILES = List.of("math.jsonl", "math-dropped.jsonl", "math-screen.json");

    @TempDir
    private Path directory;

    private final Output output = new Output(new PrintStream(OutputStream.nullOutputStream()), false);
    private Inference model;

    /** What stops curation at some point, as an interrupt would. */
    private static final class Stopped extends RuntimeException {}

    @BeforeEach
    void open() {
        TestDevices.open("cpu").close();
        model = Inference.open(BASE, ChatUse.AUTO, "cpu", "float32", 200, output);
    }

    @AfterEach
    void close() {
        if (model != null) {
            model.close();
        }
    }

    @Test
    void stoppedAnywhereItComesToTheSameEndAndMakesNothingTwice() throws IOException {
        AtomicInteger steps = new AtomicInteger();
        Curated whole = curate("whole", "screen: {sample: 100, pairs: 45}", steps::incrementAndGet);
        ScreenReport report = Objects.requireNonNull(whole.screen());
        assertThat(report.screened()).as(report.toString()).isTrue();
        assertThat(report.attempted()).isBetween(101, 399);
        assertThat(whole.selection().report().dropped()).containsKeys("screened_out", "hopeless");
        int all = steps.get();

        for (int stop : new int[] {all / 8, all / 3, all / 2, 3 * all / 4}) {
            AtomicInteger left = new AtomicInteger(stop);
            Stopped stopped = catchThrowableOfType(
                    Stopped.class,
                    () -> curate("stopped", "screen: {sample: 100, pairs: 45}", () -> {
                        if (left.decrementAndGet() < 0) {
                            throw new Stopped();
                        }
                    }));
            assertThat(stopped == null).isEqualTo(Files.exists(directory.resolve("stopped/math.jsonl")));
        }
        Curated resumed = curate("stopped", "screen: {sample: 100, pairs: 45}", () -> {});

        assertThat(resumed).isEqualTo(whole);
        for (String file : FILES) {
            assertThat(directory.resolve("stopped").resolve(file))
                    .hasSameBinaryContentAs(directory.resolve("whole").resolve(file));
        }
        assertThat(Files.readAllLines(directory.resolve("stopped/math.attempts.jsonl")))
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(
                        Files.readAllLines(directory.resolve("whole/math.attempts.jsonl")));
    }

    @Test
    void whatItKeepsIsWhatCurationOfAllKeepsOfThem() throws IOException {
        Curated all = curate("all", "top_p: 1", () -> {});
        Curated screened = curate("screened", "screen: {sample: 100, max_attempts: 800}", () -> {});

        assertThat(all.screen()).isNull();
        assertThat(directory.resolve("all")).isDirectoryNotContaining("glob:**screen*");
        assertThat(all.selection().report().dropped()).doesNotContainKey("screened_out");
        assertThat(Objects.requireNonNull(screened.screen()).attempted()).isEqualTo(200);
        assertThat(all.selection().kept())
                .containsSubsequence(screened.selection().kept());
    }

    private Curated curate(String folder, String more, Runnable between) throws IOException {
        Path file = directory.resolve("recipe.yaml");
        Files.writeString(file, """
                model: {path: %s}
                domains:
                  - name: math
                    candidates: [{generator: arithmetic, count: 400, seed: 5}]
                    validation: [{generator: arithmetic, levels: [1], count: 2}]
                    benchmark: [{generator: arithmetic, levels: [1], count: 2}]
                curate: {attempts: 4, max_tokens: 24, min_pass_rate: 0.25, %s}
                sft: {max_length: 160, tokens_per_step: 256}
                """.formatted(BASE, more));
        Recipe recipe = RecipeReader.read(file);
        return new Curator(recipe, model.format(), directory.resolve(folder))
                .curate(recipe.domains().get(0), model, "base", output, between);
    }
}
