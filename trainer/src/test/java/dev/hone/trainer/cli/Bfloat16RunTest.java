package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.checkpoints.Safetensors;
import dev.hone.trainer.TestDevices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run in bfloat16: fine-tuning, preferences and reinforcement. */
class Bfloat16RunTest {

    @TempDir
    private Path directory;

    @Test
    void isSavedExactlyRepeatsAndResumesToTheSameBytes() throws IOException {
        TestDevices.open("cpu").close();
        Path recipe = Recipes.inBfloat16(Recipes.preferringAndReinforcing(directory));
        Path run = directory.resolve("run");
        Path again = directory.resolve("again");
        assertThat(train(recipe, run).err()).contains("dtype: bfloat16 (as asked)");
        train(recipe, again);

        Path newest = CheckpointFiles.newest(run);
        Path model = newest.resolve("model/model.safetensors");
        byte[] trained = Files.readAllBytes(model);
        assertThat(Safetensors.open(model).entries().values())
                .allMatch(entry -> entry.dtype().equals("F32"));
        assertThat(Files.readAllBytes(CheckpointFiles.newest(again).resolve("model/model.safetensors")))
                .isEqualTo(trained);
        assertThat(Files.readString(run.resolve("events.jsonl"))).contains("\"dtype\":\"bfloat16\"");

        // Back to the checkpoint before, from which the same bytes must come again.
        Files.delete(run.resolve("summary.json"));
        Files.write(model, new byte[10]);
        Cli resumed = Cli.run("resume", run.toString());
        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
        assertThat(Files.readAllBytes(CheckpointFiles.newest(run).resolve("model/model.safetensors")))
                .isEqualTo(trained);
        assertThat(Files.readAllBytes(CheckpointFiles.newest(run).resolve("optimizer.safetensors")))
                .isEqualTo(Files.readAllBytes(CheckpointFiles.newest(again).resolve("optimizer.safetensors")));
    }

    @Test
    void theReferenceDeviceIsRefusedByKey() throws IOException {
        Path recipe = Recipes.inBfloat16(Recipes.fineTuning(directory, 4));
        Cli refused = Cli.run(
                "train",
                recipe.toString(),
                "--device",
                "nd4j",
                "--output-dir",
                directory.resolve("run").toString());
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("nd4j").contains("set dtype to float32");
    }

    private static Cli train(Path recipe, Path run) {
        Cli ran = Cli.run("train", recipe.toString(), "--output-dir", run.toString());
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        return ran;
    }
}
