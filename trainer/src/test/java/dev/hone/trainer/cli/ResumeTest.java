package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A run killed again and again ends with the same bytes as one never killed. */
class ResumeTest {

    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private Path directory;

    @Test
    void fineTuningKilledAtRandomInstantsEndsWithTheSameWeights() throws Exception {
        Path recipe = Recipes.fineTuning(directory, 60);
        killedAndNot(recipe, List.of("sft"));
    }

    @Test
    void theMethodKilledAtRandomInstantsEndsWithTheSameWeightsDatasetsAndResults() throws Exception {
        Path recipe = Recipes.method(directory, "");
        killedAndNot(recipe, List.of("math", "logic", "scale", "rl"));
        JsonNode whole = summary("whole");
        JsonNode killed = summary("killed");
        assertThat(killed.path("phases")).isEqualTo(whole.path("phases"));
        assertThat(killed.path("frozen")).isEqualTo(whole.path("frozen"));
        assertThat(killed.path("teachable")).isEqualTo(whole.path("teachable"));
        assertThat(whole.path("frozen")).hasSize(2);
    }

    @Test
    void preferencesAndReinforcementKilledAtRandomInstantsEndWithTheSameWeights() throws Exception {
        killedAndNot(Recipes.preferringAndReinforcing(directory), List.of("sft", "dpo", "rl"));
    }

    /** Killed while completions are drawn and judged, when all are drawn, and while the policy is updated. */
    @Test
    void reinforcementAheadKilledInEachPhaseEndsWithTheSameWeights() throws Exception {
        Path recipe = Recipes.reinforcingAhead(directory);
        Path whole = directory.resolve("whole");
        Path log = directory.resolve("log");
        assertThat(HoneProcess.run(log, "train", recipe.toString(), "--output-dir", whole.toString()))
                .as(() -> text(log))
                .isZero();
        int each = 12 * 8;
        Map<String, Map<String, String>> kills = Map.of(
                "generation", Map.of(KillingReward.AT_CALL, "" + (3 * each + 1)),
                "verification", Map.of(KillingReward.AT_CALL, "" + 4 * each),
                "update",
                        Map.of(
                                KillingReward.AT_FILE,
                                directory
                                        .resolve("update/samples/rl-step-3.jsonl")
                                        .toString()));
        for (Map.Entry<String, Map<String, String>> kill : kills.entrySet()) {
            Path killed = directory.resolve(kill.getKey());
            Process process = HoneProcess.start(
                    log, List.of(), kill.getValue(), "train", recipe.toString(), "--output-dir", killed.toString());
            assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).as(() -> text(log)).isEqualTo(9);
            assertThat(steps(killed).size()).as(kill.getKey()).isBetween(2, 4);
            assertThat(HoneProcess.run(log, "resume", killed.toString()))
                    .as(() -> text(log))
                    .isZero();
            assertThat(Files.readAllBytes(CheckpointFiles.newest(killed).resolve("model/model.safetensors")))
                    .as(kill.getKey())
                    .isEqualTo(Files.readAllBytes(CheckpointFiles.newest(whole).resolve("model/model.safetensors")));
            for (int step = 0; step < 5; step++) {
                String file = "samples/rl-step-" + step + ".jsonl";
                assertThat(Files.readString(killed.resolve(file))).isEqualTo(Files.readString(whole.resolve(file)));
            }
            assertThat(killed.resolve("samples").toFile().list((folder, name) -> name.endsWith(".bin")))
                    .isEmpty();
        }
    }

    @Test
    void aSignalSavesAndEndsWithItsOwnCode() throws Exception {
        Path recipe = Recipes.fineTuning(directory, 100_000);
        Path run = directory.resolve("stopped");
        Path log = directory.resolve("stopped.log");
        Process process = HoneProcess.start(log, "train", recipe.toString(), "--output-dir", run.toString());
        awaitSteps(process, run, 5);
        process.destroy();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(143);
        assertThat(Files.readString(log)).contains("saved; go on with: hone resume " + run);
        long last = steps(run).get(steps(run).size() - 1);
        assertThat(CheckpointFiles.newest(run).getFileName()).hasToString("step-%06d".formatted(last + 1));
    }

    private void killedAndNot(Path recipe, List<String> phases) throws Exception {
        Path whole = directory.resolve("whole");
        Path killed = directory.resolve("killed");
        Path log = directory.resolve("log");
        assertThat(HoneProcess.run(log, "train", recipe.toString(), "--output-dir", whole.toString()))
                .as(() -> text(log))
                .isZero();
        Random random = new Random(7);
        Process process = HoneProcess.start(log, "train", recipe.toString(), "--output-dir", killed.toString());
        for (int kill = 0; kill < 3; kill++) {
            awaitSteps(process, killed, steps(killed).size() + 1 + random.nextInt(8));
            process.destroyForcibly();
            process.waitFor();
            process = HoneProcess.start(log, "resume", killed.toString());
        }
        assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(() -> text(log)).isZero();

        assertThat(Files.readAllBytes(CheckpointFiles.newest(killed).resolve("model/model.safetensors")))
                .isEqualTo(Files.readAllBytes(CheckpointFiles.newest(whole).resolve("model/model.safetensors")));
        assertThat(Files.readAllBytes(CheckpointFiles.newest(killed).resolve("optimizer.safetensors")))
                .isEqualTo(Files.readAllBytes(CheckpointFiles.newest(whole).resolve("optimizer.safetensors")));
        assertThat(steps(killed)).as("each step stands in the events once").isEqualTo(steps(whole));
        assertThat(events(whole).stream()
                        .filter(event -> event.path("event").asString().equals("phase_started"))
                        .map(event -> event.path("phase").asString())
                        .filter(phases::contains))
                .containsExactlyElementsOf(phases);
    }

    private JsonNode summary(String run) throws IOException {
        return JSON.readTree(Files.readString(directory.resolve(run).resolve("summary.json")));
    }

    private static void awaitSteps(Process process, Path run, int count) throws Exception {
        while (process.isAlive() && steps(run).size() < count) {
            Thread.sleep(5);
        }
    }

    private static List<Long> steps(Path run) throws IOException {
        return events(run).stream()
                .filter(event -> List.of("train", "dpo", "rl")
                        .contains(event.path("event").asString()))
                .map(event -> event.path("step").asLong())
                .toList();
    }

    private static List<JsonNode> events(Path run) throws IOException {
        Path file = run.resolve("events.jsonl");
        if (!Files.exists(file)) {
            return List.of();
        }
        String text = Files.readString(file);
        // The last line may be half written.
        return text.substring(0, text.lastIndexOf('\n') + 1)
                .lines()
                .map(JSON::readTree)
                .toList();
    }

    private static String text(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
