package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {

    private static final String PAIR =
            "{\"id\":\"%s\",\"domain\":\"math\",\"prompt\":\"1+1=?\\n\",\"answer\":\"2\",\"response\":\"%s\",\"verifier\":\"math\"}\n";

    @TempDir
    private Path directory;

    @Test
    void changesKeysOfTheRecipeAndKeepsWhatItRan() throws IOException {
        Path run = directory.resolve("run");

        Cli ran = Cli.run(
                "train",
                Recipes.fineTuning(directory, 40).toString(),
                "--output-dir",
                run.toString(),
                "--set",
                "sft.max_steps=1",
                "--set",
                "sft.learning_rate=2e-4",
                "--set",
                "evaluation.data=");

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(Files.readAllLines(run.resolve("events.jsonl")))
                .filteredOn(event -> event.contains("\"event\":\"train\""))
                .singleElement()
                .asString()
                .contains("\"learning_rate\":2.0E-4");
        assertThat(Files.readString(run.resolve("events.jsonl"))).doesNotContain("eval_loss");
        assertThat(Files.readString(run.resolve("recipe.yaml"))).contains("max_steps: 1\n", "learning_rate: 2.0E-4");
    }

    @Test
    void leavesOutPairsThatAreTooLongWhereAsked() throws IOException {
        Path pairs = directory.resolve("pairs.jsonl");
        Files.writeString(
                pairs, PAIR.formatted("short", "Answer: 2") + PAIR.formatted("long", "1".repeat(60) + " Answer: 2"));
        Path run = directory.resolve("run");

        Cli ran = Cli.run(
                "train",
                Recipes.fineTuning(directory, 1).toString(),
                "--output-dir",
                run.toString(),
                "--set",
                "data=[{file: " + pairs + "}]",
                "--set",
                "sft.max_length=32",
                "--set",
                "sft.excess_length_strategy=drop");

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.err()).contains("1 of 2 pairs are longer than 32 tokens and left out");
        assertThat(Files.readAllLines(run.resolve("events.jsonl")))
                .filteredOn(event -> event.contains("\"event\":\"phase_started\""))
                .singleElement()
                .asString()
                .contains("\"pairs\":1");
    }

    @Test
    void noEpochsAreNoTraining() throws IOException {
        Path run = directory.resolve("run");

        Cli ran = Cli.run(
                "train",
                Recipes.fineTuning(directory, -1).toString(),
                "--output-dir",
                run.toString(),
                "--set",
                "sft.num_train_epochs=0");

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(Files.readString(run.resolve("events.jsonl"))).doesNotContain("\"event\":\"train\"");
    }
}
