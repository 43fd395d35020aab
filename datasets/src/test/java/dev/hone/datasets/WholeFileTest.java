package dev.hone.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {

    @TempDir
    Path directory;

    @Test
    void replacesWhatStoodThereOnlyOnceItIsComplete() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "old");
        try (WholeFile whole = new WholeFile(file)) {
            whole.stream().write("new".getBytes(StandardCharsets.UTF_8));
            assertThat(file).hasContent("old");
            whole.keep();
        }
        assertThat(file).hasContent("new");
        assertThat(directory).satisfies(WholeFileTest::holdsOneFile);
    }

    @Test
    void leavesNothingOfWhatFails() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "old");
        assertThatThrownBy(() -> WholeFile.write(file, writer -> {
                    writer.write("ne");
                    throw new IOException("no space");
                }))
                .isInstanceOf(UserError.class)
                .hasMessage(
                        file + ": cannot be written (no space);" + " give a path in a writable folder with space left");
        assertThat(file).hasContent("old");
        assertThat(directory).satisfies(WholeFileTest::holdsOneFile);
    }

    @Test
    void refusesTextThatUtf8CannotHold() {
        Path file = directory.resolve("folder/file");
        assertThatThrownBy(() -> WholeFile.write(
                        file, writer -> writer.write("half a pair: \ud800"), e -> new UserError("Not text", e)))
                .isInstanceOf(UserError.class)
                .hasMessage("Not text");
        assertThat(file.getParent()).isEmptyDirectory();
    }

    private static void holdsOneFile(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            assertThat(files).hasSize(1);
        }
    }
}
