package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What the method decides between domains: mixtures, remedies, refusals, and what a thaw undoes. */
class DomainsTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String TWO_MIXTURES = "{name: whole}, {name: half, share: 0.5}";

    @TempDir
    private Path directory;

    @Test
    void triesTheMixturesAndReinforcesOneDomainAfterAnother() throws IOException {
        Path run = train(Recipes.method(directory, ", trial_steps: 2", TWO_MIXTURES, ", domains: in_turn"));

        assertThat(events(run, "mixture_chosen")).singleElement().satisfies(event -> {
            assertThat(event.path("domain").asString()).isEqualTo("math");
            assertThat(event.path("tried").asInt()).isEqualTo(2);
        });
        assertThat(run.resolve("evals/trial-half-math.json")).exists();
        JsonNode summary = JSON.readTree(Files.readString(run.resolve("summary.json")));
        assertThat(summary.path("interference").valueStream().map(DomainsTest::cell))
                .containsExactly(
                        "math math since base",
                        "logic math since math",
                        "logic logic since base",
                        "scale math since logic",
                        "scale logic since logic",
                        "rl-math math since scale",
                        "rl-math logic since scale",
                        "rl-logic math since rl-math",
                        "rl-logic logic since rl-math");
        assertThat(events(run, "rl")).hasSize(8);
    }

    @Test
    void aDomainThatHarmsAnEarlierOneIsExploredAnewByTheRemediesThenRefused() throws IOException {
        Path run =
                train(Recipes.method(directory, ", remedies: [replay, lower_learning_rate], on_interference: refuse"));
        // As far as the check of the second domain, with a first one that had learnt everything before.
        perfect(run.resolve("evals/validation-1-math.json"));
        rewind(run, position -> {
            position.put("stage", "CHECK_EARLIER");
            position.put("domain", 1);
            position.put("stage_step", 6);
            ((ObjectNode) position.path("validated"))
                    .put("math", "validation-1")
                    .remove("logic");
            ((ArrayNode) position.path("frozen")).remove(1);
        });

        Cli resumed = Cli.run("resume", run.toString());

        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
        assertThat(events(run, "remedy").map(event -> event.path("remedy").asString()))
                .containsExactly("replay", "lower learning rate");
        assertThat(events(run, "phase_started").map(event -> event.path("phase").asString()))
                .containsSubsequence("logic-remedy1", "logic-remedy2", "scale");
        double replayed = pairs(run, "logic-remedy1");
        assertThat(replayed - pairs(run, "logic"))
                .as("math's pairs once more")
                .isEqualTo(frozen(run, 0).path("pairs").asDouble());
        assertThat(JSON.readTree(Files.readString(run.resolve("summary.json")))
                        .path("refused")
                        .valueStream()
                        .map(JsonNode::asString))
                .containsExactly("logic");
        assertThat(Cli.run("domains", run.toString()).out())
                .containsPattern("math +frozen")
                .containsPattern("logic +refused");
    }

    @Test
    void aThawIsRecordedAndItsDomainLearntAnew() throws IOException {
        Path run = train(Recipes.method(directory, ""));
        String hash = frozen(run, 0).path("hash").asString();

        Cli thawed = Cli.run("domains", run.toString(), "--thaw", "math", "--reason", "a wrong key");

        assertThat(thawed.exitCode()).as(thawed.err()).isZero();
        assertThat(thawed.out()).containsPattern("math +waiting").contains("a wrong key");
        assertThat(run.resolve("summary-before-thaw-1.json")).exists();
        Cli resumed = Cli.run("resume", run.toString());
        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
        assertThat(events(run, "thawed"))
                .singleElement()
                .satisfies(event -> assertThat(event.path("hash").asString()).isEqualTo(hash));
        assertThat(run.resolve("datasets/math").resolve(hash))
                .as("given up, not deleted")
                .exists();
        JsonNode summary = JSON.readTree(Files.readString(run.resolve("summary.json")));
        assertThat(summary.path("phases")
                        .valueStream()
                        .map(phase -> phase.path("name").asString())
                        .distinct())
                .containsExactly("base", "math", "logic", "scale", "rl", "math-thaw1", "scale-thaw1", "rl-thaw1");
        assertThat(Cli.run("domains", run.toString(), "--json").out()).contains("\"status\" : \"frozen\"");
    }

    @Test
    void whatIsNotFrozenCannotBeThawed() throws IOException {
        Path run = train(Recipes.method(directory, ""));

        assertThat(Cli.run("domains", run.toString(), "--thaw", "art", "--reason", "x")
                        .err())
                .contains(
                        "The domain art has no frozen dataset to thaw; the run's domains are math (frozen), logic (frozen)");
        assertThat(Cli.run("domains", run.toString(), "--thaw", "math").err())
                .contains("--thaw needs a reason for the record; add --reason TEXT");
    }

    private Path train(Path recipe) {
        Path run = directory.resolve("run");
        Cli trained = Cli.run("train", recipe.toString(), "--output-dir", run.toString());
        assertThat(trained.exitCode()).as(trained.err()).isZero();
        return run;
    }

    private static JsonNode state(Path run) throws IOException {
        return JSON.readTree(Files.readString(CheckpointFiles.newest(run).resolve("state.json")));
    }

    private static JsonNode frozen(Path run, int index) throws IOException {
        return state(run).path("position").path("frozen").path(index);
    }

    private static Stream<JsonNode> events(Path run, String name) throws IOException {
        return Files.readAllLines(run.resolve("events.jsonl")).stream()
                .map(JSON::readTree)
                .filter(event -> event.path("event").asString().equals(name));
    }

    private static double pairs(Path run, String phase) throws IOException {
        return events(run, "phase_started")
                .filter(event -> event.path("phase").asString().equals(phase))
                .findFirst()
                .orElseThrow()
                .path("pairs")
                .asDouble();
    }

    /** Makes every problem of an evaluation solved. */
    private static void perfect(Path eval) throws IOException {
        ObjectNode result = (ObjectNode) JSON.readTree(Files.readString(eval));
        ObjectNode problems = (ObjectNode) result.path("problems");
        List.copyOf(problems.propertyNames()).forEach(id -> problems.put(id, 1.0));
        Files.writeString(eval, JSON.writeValueAsString(result));
    }

    private static void rewind(Path run, Consumer<ObjectNode> change) throws IOException {
        Files.delete(run.resolve("summary.json"));
        Path newest = CheckpointFiles.newest(run);
        ObjectNode state = (ObjectNode) state(run);
        change.accept((ObjectNode) state.path("position"));
        CheckpointFiles.replace(newest, "state.json", JSON.writeValueAsString(state));
    }

    private static String cell(JsonNode cell) {
        return cell.path("phase").asString() + " " + cell.path("domain").asString() + " since "
                + cell.path("since").asString();
    }
}
