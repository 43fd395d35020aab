package dev.hone.trainer.run;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.checkpoints.Safetensors;
import dev.hone.datasets.UserError;
import dev.hone.trainer.TestDevices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportTest {

    private static final Path ADAPTER = Path.of("src/test/resources/adapters/qwen2");
    private static final Path BASE = Path.of("src/test/resources/parity/qwen2");

    @TempDir
    Path folder;

    @Test
    void mergesAdaptersIntoTheirModelInTheTypeAskedFor() throws IOException {
        TestDevices.open("cpu").close();
        Path to = folder.resolve("merged");
        Export.write(ADAPTER, true, "bfloat16", to, "cpu", Output.standard());

        Safetensors merged = Safetensors.openFolder(to);
        Safetensors base = Safetensors.openFolder(BASE);
        assertThat(merged.entries().keySet())
                .containsExactlyInAnyOrderElementsOf(base.entries().keySet());
        assertThat(requireNonNull(merged.entries().get("model.norm.weight")).dtype())
                .isEqualTo("BF16");
        assertThat(Files.readString(to.resolve("config.json"))).contains("bfloat16", "Qwen2ForCausalLM");
        assertThat(folder).isDirectoryNotContaining("glob:**.tmp-merged");
    }

    /** What nothing was added to comes out as it went in, in its own type. */
    @Test
    void keepsBytesAndTypes() throws IOException {
        TestDevices.open("cpu").close();
        Path half = folder.resolve("half");
        Export.write(BASE, false, "bfloat16", half, "cpu", Output.standard());
        Path again = folder.resolve("again");
        Export.write(half, false, null, again, "cpu", Output.standard());

        assertThat(again.resolve("model.safetensors")).hasSameBinaryContentAs(half.resolve("model.safetensors"));
        assertThat(again.resolve("config.json")).hasSameTextualContentAs(half.resolve("config.json"));
    }

    @Test
    void copiesAdaptersAsTheyAre() throws IOException {
        Path to = folder.resolve("adapter");
        Export.write(ADAPTER, false, null, to, "cpu", Output.standard());

        for (String file : new String[] {"adapter_config.json", "adapter_model.safetensors"}) {
            assertThat(to.resolve(file)).hasSameBinaryContentAs(ADAPTER.resolve(file));
        }
        assertThat(to.resolve("model.safetensors")).doesNotExist();
    }

    /** Shards of a larger model, say, which would stand beside those of this one. */
    @Test
    void nothingOfAnExportThatWasKilledComesAlong() throws IOException {
        Path left = Files.createDirectories(folder.resolve(".tmp-adapter"));
        Files.writeString(left.resolve("model-00001-of-00002.safetensors"), "half");
        Path to = folder.resolve("adapter");

        Export.write(ADAPTER, false, null, to, "cpu", Output.standard());

        assertThat(to.resolve("model-00001-of-00002.safetensors")).doesNotExist();
        assertThat(left).doesNotExist();
    }

    @Test
    void nothingIsLeftOfAnExportThatFails() throws IOException {
        Path damaged = Files.createDirectories(folder.resolve("damaged"));
        Files.copy(ADAPTER.resolve("adapter_config.json"), damaged.resolve("adapter_config.json"));

        assertThatThrownBy(() -> Export.write(damaged, false, null, folder.resolve("x"), "cpu", Output.standard()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("adapter_model.safetensors: no such file");
        assertThat(folder.resolve(".tmp-x")).doesNotExist();
        assertThat(folder.resolve("x")).doesNotExist();
    }

    @Test
    void refusesAFolderThatIsThere() {
        assertThatThrownBy(() -> Export.write(BASE, false, null, folder, "cpu", Output.standard()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining("is there already");
        assertThatThrownBy(() -> Export.write(BASE, false, "int8", folder.resolve("x"), "cpu", Output.standard()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("int8");
    }
}
