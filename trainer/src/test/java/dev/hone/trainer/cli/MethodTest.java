package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.datasets.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
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
        Path recipe = Recipes.method(directory, "");
        Files.writeString(
                recipe,
                Files.readString(recipe)
                        .replace("save_total_limit: 2", "save_total_limit: 2, metric_for_best_model: accuracy"));

        Cli ran = Cli.run("train", recipe.toString(), "--output-dir", run.toString(), "--json");

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
        assertThat(accuracyOfTheBest(run)).isEqualTo(best(summary.path("phases")));
        assertThat(ran.err()).contains("accuracy, with its 95% interval").contains("report ");
    }

    private static double accuracyOfTheBest(Path run) throws IOException {
        return JSON.readTree(Files.readString(run.resolve("checkpoints/best/manifest.json")))
                .path("metrics")
                .path("accuracy")
                .asDouble();
    }

    /** The greatest mean over both domains of a phase that measured both. */
    private static double best(JsonNode phases) {
        Map<String, List<Double>> byPhase = phases.valueStream()
                .collect(Collectors.groupingBy(
                        phase -> phase.path("name").asString(),
                        Collectors.mapping(phase -> phase.path("accuracy").asDouble(), Collectors.toList())));
        return byPhase.values().stream()
                .filter(accuracies -> accuracies.size() == 2)
                .mapToDouble(accuracies -> (accuracies.get(0) + accuracies.get(1)) / 2)
                .max()
                .orElseThrow();
    }

    @Test
    void whatTheRulesDropKeepsItsReasonAndTheFrozenDatasetSaysWhereItIsFrom() throws IOException {
        Path candidates = directory.resolve("candidates.jsonl");
        StringBuilder lines = new StringBuilder();
        for (int i = 10; i < 22; i++) {
            lines.append(pair("sum-" + i, i + "+" + i + "=?", "So " + 2 * i));
        }
        lines.append(pair("short", "?", "So 1"));
        lines.append(pair(
                "foreign", "\u0421\u043a\u043e\u043b\u044c\u043a\u043e \u0431\u0443\u0434\u0435\u0442 1+1?", "So 2"));
        lines.append(pair("refusal", "1+2=?", "I cannot help with that."));
        Files.writeString(candidates, lines);
        Path run = directory.resolve("run");

        Cli ran = Cli.run(
                "train",
                Recipes.curating(
                                directory,
                                "{file: candidates.jsonl}",
                                "min_prompt_chars: 4, scripts: [latin], quality_rules: true")
                        .toString(),
                "--output-dir",
                run.toString());

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(Files.readAllLines(run.resolve("curated/math-dropped.jsonl")).stream()
                        .map(JSON::readTree)
                        .map(dropped -> dropped.path("id").asString() + " "
                                + dropped.path("metadata").path("dropped").asString()))
                .containsExactlyInAnyOrder("short too_short", "foreign other_script", "refusal low_quality");
        JsonNode frozen = JSON.readTree(Files.readString(run.resolve("summary.json")))
                .path("frozen")
                .path(0);
        Path dataset = run.resolve("datasets/math").resolve(frozen.path("hash").asString());
        JsonNode provenance = JSON.readTree(Files.readString(dataset.resolve("manifest.json")))
                .path("provenance");
        assertThat(provenance.path("sources").path(0).path("file").asString()).isEqualTo("candidates.jsonl");
        assertThat(provenance.path("sources").path(0).path("sha256").asString()).isEqualTo(Sha256.of(candidates));
        assertThat(provenance.path("candidates").asInt()).isEqualTo(15);
        assertThat(provenance.path("dropped").path("low_quality").asInt()).isEqualTo(1);
        assertThat(provenance.path("model").path("sha256").asString()).hasSize(64);
        assertThat(Files.readString(dataset.resolve("README.md"))).contains("| other_script | 1 |");
    }

    private static String pair(String id, String prompt, String response) {
        return JSON.writeValueAsString(JSON.createObjectNode()
                        .put("id", id)
                        .put("domain", "math")
                        .put("prompt", prompt)
                        .put("answer", "1")
                        .put("response", response)
                        .put("verifier", "math"))
                + "\n";
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
