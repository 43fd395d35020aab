package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The whole method on a random model, in seconds: what it does in which order, and what it leaves. */
class MethodTest {

    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private Path directory;

    @Test
    void goesDomainByDomainAndLeavesWhatItSays() throws IOException {
        Path run = directory.resolve("run");

        Cli ran = Cli.run("train", Recipes.method(directory, "").toString(), "--output-dir", run.toString(), "--json");

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        JsonNode summary = JSON.readTree(ran.out());
        assertThat(summary).isEqualTo(JSON.readTree(Files.readString(run.resolve("summary.json"))));
        assertThat(summary.path("phases").valueStream().map(MethodTest::nameAndDomain))
                .containsExactly(
                        "base math",
                        "base logic",
                        "math math",
                        "logic math",
                        "logic logic",
                        "scale math",
                        "scale logic",
                        "rl math",
                        "rl logic");
        assertThat(summary.path("teachable").path("candidates").asInt()).isEqualTo(24);
        for (JsonNode frozen : summary.path("frozen")) {
            Path dataset = run.resolve("datasets")
                    .resolve(frozen.path("domain").asString())
                    .resolve(frozen.path("hash").asString());
            assertThat(Files.readAllLines(dataset.resolve("pairs.jsonl")))
                    .hasSize(frozen.path("pairs").asInt());
        }
        assertThat(run.resolve("report.html")).exists();
        assertThat(ran.err()).contains("accuracy, with its 95% interval").contains("report ");
    }

    @Test
    void whatIsHeldOutIsNeverTrainedOn() throws IOException {
        Path run = directory.resolve("run");
        assertThat(Cli.run("train", Recipes.method(directory, "").toString(), "--output-dir", run.toString())
                        .exitCode())
                .isZero();
        List<String> asked = Files.readAllLines(run.resolve("samples/base-math.jsonl")).stream()
                .map(line -> JSON.readTree(line).path("prompt").asString())
                .toList();
        List<String> trained = Files.readAllLines(run.resolve("curated/math.jsonl")).stream()
                .map(line -> JSON.readTree(line).path("prompt").asString())
                .toList();
        assertThat(asked).isNotEmpty().doesNotContainAnyElementsOf(trained);
    }

    @Test
    void aDomainThatHarmsAnEarlierOneStopsTheRunWhereTheRecipeSaysSo() throws IOException {
        Path run = directory.resolve("run");
        Path recipe = Recipes.method(directory, ", on_interference: stop");
        // As far as the second domain's evaluation, with a first one that had learnt everything before.
        assertThat(Cli.run("train", recipe.toString(), "--output-dir", run.toString())
                        .exitCode())
                .isZero();
        rewindToEvaluationOfLogic(run);

        Cli resumed = Cli.run("resume", run.toString());

        assertThat(resumed.exitCode()).isEqualTo(2);
        assertThat(resumed.err())
                .contains("Stopped: learning logic made math worse")
                .contains("set scheduler.on_interference to warn in " + run.resolve("recipe.yaml"));
    }

    /** Makes the run one whose math was perfect before logic. */
    private static void rewindToEvaluationOfLogic(Path run) throws IOException {
        Files.delete(run.resolve("summary.json"));
        Path math = run.resolve("evals/math-math.json");
        ObjectNode perfect = (ObjectNode) JSON.readTree(Files.readString(math));
        ObjectNode problems = (ObjectNode) perfect.path("problems");
        List.copyOf(problems.propertyNames()).forEach(id -> problems.put(id, 1.0));
        Files.writeString(math, JSON.writeValueAsString(perfect));
        Path newest = CheckpointFiles.newest(run);
        ObjectNode state = (ObjectNode) JSON.readTree(Files.readString(newest.resolve("state.json")));
        ObjectNode position = (ObjectNode) state.path("position");
        position.put("stage", "EVALUATE_DOMAIN");
        position.put("domain", 1);
        ArrayNode phases = (ArrayNode) position.path("phases");
        phases.removeIf(
                phase -> !List.of("base", "math").contains(phase.path("name").asString()));
        CheckpointFiles.replace(newest, "state.json", JSON.writeValueAsString(state));
    }

    private static String nameAndDomain(JsonNode phase) {
        return phase.path("name").asString() + " " + phase.path("domain").asString();
    }
}
