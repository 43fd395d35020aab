package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TrainDryRunTest {

    private static final String PAIR =
            "{\"id\":\"%s\",\"domain\":\"%s\",\"prompt\":\"1+1=?\\n\",\"answer\":\"2\",\"response\":\"Answer: 2\",\"verifier\":\"math\"}\n";

    @TempDir
    private Path directory;

    private Cli train(Path recipe, String... more) {
        return Cli.run(Stream.concat(
                        Stream.of(
                                "train",
                                recipe.toString(),
                                "--output-dir",
                                directory.resolve("run").toString()),
                        Stream.of(more))
                .toArray(String[]::new));
    }

    private JsonNode counts(Path recipe, String... more) {
        Cli dry = train(
                recipe,
                Stream.concat(Stream.of(more), Stream.of("--dry-run", "--json")).toArray(String[]::new));
        assertThat(dry.exitCode()).as(dry.err()).isZero();
        assertThat(directory.resolve("run")).doesNotExist();
        return JsonMapper.shared().readTree(dry.out());
    }

    @Test
    void countsWhatTheRunThenLearns() throws IOException {
        Path recipe = Recipes.fineTuning(directory, -1);

        JsonNode counts = counts(recipe, "--set", "sft.num_train_epochs=1");
        Cli ran = train(recipe, "--set", "sft.num_train_epochs=1");

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        List<JsonNode> steps = Files.readAllLines(directory.resolve("run/events.jsonl")).stream()
                .map(JsonMapper.shared()::readTree)
                .filter(event -> event.path("event").asString().equals("train"))
                .toList();
        assertThat(counts.path("steps").path("sft").asInt()).isEqualTo(steps.size());
        JsonNode math = counts.path("domains").path("math");
        assertThat(math.path("pairs").asInt()).isEqualTo(40);
        assertThat(math.path("tokens").asInt())
                .isEqualTo(steps.stream()
                        .mapToInt(step -> step.path("tokens").asInt())
                        .sum());
        assertThat(math.path("longest").asInt()).isBetween(math.path("tokens").asInt() / 40, 128);
        assertThat(counts.path("max_length").asInt()).isEqualTo(128);
        Cli plan = Cli.run("plan", recipe.toString(), "--json");
        assertThat(counts.path("memory")).isEqualTo(JsonMapper.shared().readTree(plan.out()));
    }

    @Test
    void tellsPeopleOfEachDomainAndStage() throws IOException {
        Path pairs = directory.resolve("pairs.jsonl");
        Files.writeString(
                pairs, PAIR.formatted("a", "math") + PAIR.formatted("b", "talk") + PAIR.formatted("c", "talk"));

        Cli dry = train(
                Recipes.preferringAndReinforcing(directory),
                "--dry-run",
                "--set",
                "data=[{file: " + pairs + "}]",
                "--set",
                "rl.rewards=");

        assertThat(dry.exitCode()).as(dry.err()).isZero();
        assertThat(dry.out())
                .containsPattern("(?m)^math: 1 pairs, \\d+ tokens, the longest \\d+ of at most 128$")
                .containsPattern("(?m)^talk: 2 pairs, ")
                .contains("\nsft: 3 steps\n", "\ndpo: 3 steps\n", "\nrl: 4 steps\n")
                .containsPattern("(?m)^total +[0-9,.]+ MiB$");
    }

    @Test
    void countsTheWholeMethod() throws IOException {
        JsonNode counts = counts(Recipes.method(directory, ""));

        assertThat(counts.path("domains").path("math").path("pairs").asInt()).isBetween(1, 12);
        assertThat(counts.path("domains").path("logic").path("tokens").asInt()).isPositive();
        assertThat(counts.path("steps").toString())
                .isEqualTo("{\"explore math\":6,\"explore logic\":6,\"scale\":5,\"rl\":4}");
        // How many of the candidates are teachable, and when a domain is saturated, only the run finds out.
        assertThat(train(Recipes.method(directory, ""), "--dry-run").out()).contains("explore math: at most 6 steps");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sft.max_length=16", // too short for the pairs
                "sft.excess_length_strategy=drop sft.max_length=2", // nothing left
                "data=[{file: missing.jsonl}]",
                "evaluation.data=[{file: missing.jsonl}]",
                "model.tokenizer=missing.json",
                "rl.rewards=[{name: java}]",
            })
    void refusesInTheRunsWords(String set) throws IOException {
        Path recipe = Recipes.fineTuning(directory, 2);
        String[] changes = Stream.of(set.split(" (?=sft)"))
                .flatMap(change -> Stream.of("--set", change))
                .toArray(String[]::new);

        Cli dry = train(
                recipe,
                Stream.concat(Stream.of(changes), Stream.of("--dry-run")).toArray(String[]::new));

        assertThat(dry.exitCode()).as(dry.err()).isEqualTo(2);
        assertThat(dry.out()).isEmpty();
        assertThat(directory.resolve("run")).doesNotExist();
        Cli ran = train(recipe, changes);
        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(last(dry.err())).isEqualTo(last(ran.err()));
    }

    @Test
    void aRunThatIsThereIsRefusedUnlessItWouldBeOverwritten() throws IOException {
        Path recipe = Recipes.fineTuning(directory, 1);
        assertThat(train(recipe).exitCode()).isZero();
        byte[] events = Files.readAllBytes(directory.resolve("run/events.jsonl"));

        assertThat(train(recipe, "--dry-run").err()).contains("holds a run already");
        assertThat(train(recipe, "--dry-run", "--overwrite").exitCode()).isZero();

        assertThat(Files.readAllBytes(directory.resolve("run/events.jsonl"))).isEqualTo(events);
    }

    @Test
    void malformedRowsAreForTheRunToSetAside() throws IOException {
        Path pairs = directory.resolve("pairs.jsonl");
        Files.writeString(pairs, PAIR.formatted("a", "math") + "no pair\n");
        Path aside = directory.resolve("aside.jsonl");
        Path recipe = Recipes.fineTuning(directory, 1);
        String data = "data=[{file: " + pairs + ", quarantine: " + aside + "}]";

        Cli dry = train(recipe, "--set", data, "--dry-run");

        assertThat(dry.exitCode()).as(dry.err()).isZero();
        assertThat(dry.out()).contains("math: 1 pairs");
        Matcher named = Pattern.compile("1 malformed row set aside in (\\S+)").matcher(dry.err());
        assertThat(named.find()).as(dry.err()).isTrue();
        Path rows = Path.of(named.group(1));
        assertThat(rows).content().contains("no pair");
        Files.delete(rows);
        Files.delete(rows.getParent());
        assertThat(aside).doesNotExist();
        Cli strict = train(recipe, "--set", data, "--dry-run", "--strict");
        assertThat(strict.exitCode()).isEqualTo(2);
        assertThat(strict.err()).contains("pairs.jsonl:2: ");
    }

    private static String last(String lines) {
        return lines.strip().lines().reduce("", (before, line) -> line);
    }
}
