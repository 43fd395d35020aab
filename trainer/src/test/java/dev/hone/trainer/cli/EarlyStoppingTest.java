package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Fine-tuning on a few pairs learns them by heart: the loss of others falls, then rises. */
class EarlyStoppingTest {

    private static final int PATIENCE = 3;

    @TempDir
    private Path directory;

    @Test
    void endsWhenTheHeldOutLossNoLongerFallsWithTheWeightsItWasLeastAt() throws IOException {
        Path run = directory.resolve("run");

        Cli ran = Cli.run("train", recipe(400, PATIENCE).toString(), "--output-dir", run.toString());

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        List<Double> losses = losses(run);
        int best = losses.indexOf(losses.stream().min(Double::compare).orElseThrow());
        assertThat(losses).as("%s", losses).hasSize(best + 1 + PATIENCE).hasSizeLessThan(100);
        assertThat(best).isPositive();
        long bestStep = 4L * (best + 1);
        JsonNode event = events(run, "best_model").findFirst().orElseThrow();
        assertThat(event.path("best_step").asLong()).isEqualTo(bestStep);
        assertThat(event.path("steps").asLong()).isEqualTo(bestStep + 4 * PATIENCE);
        assertThat(event.path("of").asLong()).isEqualTo(400);
        assertThat(ran.err()).contains("stopped early at step " + (bestStep + 4 * PATIENCE) + " of 400");
        Path newest = CheckpointFiles.newest(run);
        assertThat(newest).hasFileName("step-%06d".formatted(bestStep + 4 * PATIENCE));
        assertThat(weights(newest)).isEqualTo(weights(run.resolve("checkpoints/step-%06d".formatted(bestStep))));
        assertThat(Files.readString(newest.resolve("manifest.json")))
                .as("the loss of the weights it holds")
                .contains(Double.toString(losses.get(best)));
        assertThat(Files.readString(run.resolve("report.md"))).contains("the weights are those of step " + bestStep);
    }

    @Test
    void killedAtRandomInstantsItEndsWithTheSameWeights() throws Exception {
        Path recipe = recipe(400, PATIENCE);
        Path whole = directory.resolve("whole");
        Path killed = directory.resolve("killed");
        Path log = directory.resolve("log");
        assertThat(HoneProcess.run(log, "train", recipe.toString(), "--output-dir", whole.toString()))
                .as(() -> text(log))
                .isZero();
        long steps = events(whole, "train").count();
        Random random = new Random(5);
        Process process = HoneProcess.start(log, "train", recipe.toString(), "--output-dir", killed.toString());
        for (int kill = 1; kill <= 4; kill++) {
            // The last two between the best step and the end.
            long until = kill <= 2 ? steps * kill / 4 : steps - 12 + 4 * (kill - 3) + random.nextInt(4);
            while (process.isAlive() && events(killed, "train").count() < until) {
                Thread.sleep(2);
            }
            process.destroyForcibly().waitFor();
            process = HoneProcess.start(log, "resume", killed.toString());
        }
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(() -> text(log)).isZero();

        assertThat(losses(killed)).isEqualTo(losses(whole));
        assertThat(events(killed, "best_model").map(EarlyStoppingTest::best))
                .isEqualTo(
                        events(whole, "best_model").map(EarlyStoppingTest::best).toList())
                .hasSize(1);
        assertThat(weights(CheckpointFiles.newest(killed))).isEqualTo(weights(CheckpointFiles.newest(whole)));
    }

    @Test
    void whereTheBestCheckpointIsGoneTheBestOfThoseToComeIsTaken() throws IOException {
        Path run = directory.resolve("run");
        assertThat(Cli.run("train", recipe(400, PATIENCE).toString(), "--output-dir", run.toString())
                        .exitCode())
                .isZero();
        JsonNode event = events(run, "best_model").findFirst().orElseThrow();
        long best = event.path("best_step").asLong();
        long end = event.path("steps").asLong();
        try (Stream<Path> files = Files.walk(run.resolve("checkpoints/step-%06d".formatted(best)))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        }

        Cli resumed = Cli.run("resume", run.toString(), "--from", Long.toString(end - 2));

        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
        assertThat(events(run, "best_model")
                        .map(after -> after.path("best_step").asLong()))
                .singleElement()
                .satisfies(after -> assertThat(after).isGreaterThanOrEqualTo(end));
    }

    /** Six pairs to learn from; evaluations every 4 steps, checkpoints every 2. */
    private Path recipe(int steps, int patience) throws IOException {
        Path recipe = Recipes.fineTuning(directory, steps);
        Files.writeString(
                recipe,
                Files.readString(recipe)
                        .replace("count: 40", "count: 6")
                        .replace(
                                "learning_rate: 1.0e-3",
                                "learning_rate: 3.0e-2, lr_scheduler_type: constant, eval_steps: 4,"
                                        + " early_stopping_patience: " + patience)
                        .replace("save_total_limit: 2", "save_total_limit: 2, metric_for_best_model: eval_loss"));
        return recipe;
    }

    private static String best(JsonNode event) {
        return event.path("best_step") + " " + event.path("loss") + " " + event.path("steps");
    }

    private static List<Double> losses(Path run) throws IOException {
        return events(run, "eval_loss")
                .map(event -> event.path("loss").asDouble())
                .toList();
    }

    /** The whole lines; the last may be half written. */
    private static Stream<JsonNode> events(Path run, String name) throws IOException {
        Path file = run.resolve("events.jsonl");
        if (!Files.exists(file)) {
            return Stream.empty();
        }
        String text = Files.readString(file);
        return text.substring(0, text.lastIndexOf('\n') + 1)
                .lines()
                .map(JsonMapper.shared()::readTree)
                .filter(event -> event.path("event").asString().equals(name));
    }

    private static byte[] weights(Path checkpoint) throws IOException {
        return Files.readAllBytes(checkpoint.resolve("model/model.safetensors"));
    }

    private static String text(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
