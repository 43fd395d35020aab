package dev.hone.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import dev.hone.kernels.DeviceOutOfMemory;
import dev.hone.trainer.cli.Recipes;
import dev.hone.trainer.recipe.RecipeReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run leaves behind, and says, when its device fails. */
class RunFaultTest {

    private static final String FAULT = "the GPU failed at or before attention_forward: unspecified launch failure";

    @TempDir
    private Path directory;

    @Test
    void aFaultOfTheGpuLeavesTheLastCheckpoint() throws IOException {
        Path root = directory.resolve("run");
        try (Run run = start(root)) {
            assertThatThrownBy(() -> run.execute(() -> {
                        run.reached("there");
                        run.advanced("a step on");
                        throw new RuntimeException(FAULT);
                    }))
                    .isInstanceOf(UserError.class)
                    .hasMessage("At step 1 " + FAULT
                            + "; the last checkpoint, step-000000, is intact: go on with `hone resume " + root + "`");
        }
        assertThat(Files.readString(root.resolve("events.jsonl"))).contains("device_failed", "attention_forward");
        try (Run resumed = RunOpening.resume(
                new RunDirectory(root), new ResumeOptions(null, null, List.of(), false), Output.standard())) {
            assertThat(resumed.position(String.class, "start")).isEqualTo("there");
        }
    }

    @Test
    void beforeThereIsACheckpointItSaysSo() throws IOException {
        try (Run run = start(directory.resolve("run"))) {
            assertThatThrownBy(() -> run.execute(() -> {
                        throw new RuntimeException(FAULT);
                    }))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("; no checkpoint was saved before: go on with `hone resume ");
        }
    }

    @Test
    void memoryThatIsShortLaterIsToldLikeThePlan() throws IOException {
        Path root = directory.resolve("run");
        try (Run run = start(root)) {
            assertThatThrownBy(() -> run.execute(() -> {
                        throw new DeviceOutOfMemory("The cuda device is out of memory: cannot allocate 3.0 GiB");
                    }))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("but the cuda device is out of memory: cannot allocate 3.0 GiB: weights ")
                    .hasMessageContaining("model.lora");
        }
        assertThat(root.resolve("recipe.yaml")).doesNotExist();
    }

    private Run start(Path root) throws IOException {
        Path recipe = Files.writeString(
                directory.resolve("recipe.yaml"),
                "model: {tokenizer: " + Recipes.TOKENIZER + ", config: {hidden_size: 16, intermediate_size: 24,"
                        + " num_hidden_layers: 1, num_attention_heads: 2, max_position_embeddings: 128}}\n"
                        + "data: [{generator: arithmetic, count: 4}]\n");
        return RunOpening.start(RecipeReader.read(recipe), new RunDirectory(root), Output.standard());
    }
}
