package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.trainer.TestDevices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The method with a screen, of the quickstart's base: its report says what the screen saved. */
class ScreenedTrainTest {
    private static final Path BASE =
            Path.of("..", "recipes", "quickstart", "base").toAbsolutePath().normalize();

    @TempDir
    private Path folder;

    @Test
    void theReportTellsTheGenerationsSaved() throws IOException {
        TestDevices.open("cpu").close();
        Path recipe = Files.writeString(folder.resolve("recipe.yaml"), """
                model: {path: %s}
                seed: 3
                domains:
                  - name: math
                    candidates: [{generator: arithmetic, count: 600, seed: 5}]
                    validation: [{generator: arithmetic, levels: [1, 2], count: 20}]
                    benchmark: [{generator: arithmetic, levels: [1, 2], count: 20}]
                curate: {attempts: 4, max_tokens: 24, min_pass_rate: 0.25, screen: {sample: 100, pairs: 60}}
                sft: {max_length: 160, tokens_per_step: 512, learning_rate: 1.0e-3}
                scheduler: {round_steps: 3, patience: 1, max_rounds: 1}
                scale: {max_steps: 3}
                evaluation: {max_tokens: 24}
                """.formatted(BASE));
        Path run = folder.resolve("run");

        Cli trained = Cli.run("train", recipe.toString(), "--output-dir", run.toString());

        assertThat(trained.exitCode()).as(trained.err()).isZero();
        JsonNode screen = JsonMapper.shared().readTree(Files.readString(run.resolve("curated/math-screen.json")));
        assertThat(screen.path("attempted").asInt()).isBetween(101, 599);
        String told = "screen: %d of 600 candidates attempted"
                .formatted(screen.path("attempted").asInt());
        for (String report : new String[] {"report.html", "report.md"}) {
            assertThat(Files.readString(run.resolve(report)))
                    .as(report)
                    .contains(told, "generations saved", "forward passes");
        }
    }
}
