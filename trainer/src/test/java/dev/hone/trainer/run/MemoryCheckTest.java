package dev.hone.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.trainer.TestDevices;
import dev.hone.trainer.model.Models;
import dev.hone.trainer.model.TransformerOptions;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.recipe.RecipeReader;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryCheckTest {

    @TempDir
    private Path directory;

    @Test
    void saysWhatTakesTheMemoryAndWhatShrinksIt() throws IOException {
        MemoryCheck check = check("", new TransformerOptions(4096, false, true));
        assertThatThrownBy(() -> check.require(free(100L << 20)))
                .isInstanceOf(UserError.class)
                .hasMessageMatching("The recipe takes 0\\.\\d\\d GiB of memory, but the cpu device has 0\\.10 GiB free:"
                        + " weights 0\\.\\d\\d GiB, gradients 0\\.\\d\\d GiB, optimizer 0\\.\\d\\d GiB,"
                        + " activations 0\\.\\d\\d GiB, KV cache 0\\.\\d\\d GiB; what shrinks it: .*")
                .hasMessageContaining("model.lora")
                .hasMessageContaining("sft.optim: adamw_8bit")
                .hasMessageContaining("model.dtype: bfloat16")
                .hasMessageContaining("sft.gradient_checkpointing: true")
                .hasMessageContaining("sft.tokens_per_step");
        check.require(free(2L << 30));
    }

    @Test
    void namesNothingThatTheRecipeDoesAlready() throws IOException {
        MemoryCheck check = check("", new TransformerOptions(64, true, true).withDtype(DType.BF16));
        assertThat(check.tooMuch("there is less").getMessage())
                .contains("but there is less: weights")
                .doesNotContain("bfloat16")
                .doesNotContain("gradient_checkpointing");
    }

    @Test
    void countsTheModelThatTheDivergenceRefersTo() throws IOException {
        TransformerOptions options = new TransformerOptions(64, true, true);
        assertThat(check("rl: {beta: 0.0}\n", options).reference()).isZero();
        MemoryCheck refers = check("rl: {beta: 0.1}\n", options);
        assertThat(refers.reference()).isGreaterThan(refers.plan().weights());
        assertThat(refers.tooMuch("there is less").getMessage()).contains(", reference model ");
    }

    private MemoryCheck check(String rest, TransformerOptions options) throws IOException {
        Path file = Files.writeString(
                directory.resolve("recipe.yaml"),
                "model: {path: " + directory + "}\ndata: [{generator: arithmetic, count: 4}]\n" + rest);
        Recipe recipe = RecipeReader.read(file);
        try (Device device = TestDevices.open("cpu")) {
            return MemoryCheck.of(recipe, Models.UNTIED, options, device);
        }
    }

    /** The cpu device, as one that has {@code bytes} of memory free. */
    private static Device free(long bytes) {
        return (Device) Proxy.newProxyInstance(
                Device.class.getClassLoader(),
                new Class<?>[] {Device.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "freeMemory" -> bytes;
                    case "name" -> "cpu";
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }
}
