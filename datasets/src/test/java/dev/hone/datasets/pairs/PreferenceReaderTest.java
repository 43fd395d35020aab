package dev.hone.datasets.pairs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreferenceReaderTest {

    @TempDir
    private Path directory;

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("some.jsonl"), text);
    }

    @Test
    void readsPromptsWithTheirBetterAndWorseResponse() throws IOException {
        assertThat(PreferenceReader.read(file("""
                        {"prompt": "a", "chosen": "b", "rejected": "c", "source": "x"}

                        {"prompt": "d", "chosen": "e", "rejected": "f"}
                        """)))
                .containsExactly(
                        new Preference("some.jsonl-1", "a", "b", "c"), new Preference("some.jsonl-3", "d", "e", "f"));
    }

    @Test
    void refusesWhatIsNone() throws IOException {
        Path missing = file("{\"prompt\": \"a\", \"chosen\": \"b\"}\n");
        assertThatThrownBy(() -> PreferenceReader.read(missing))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("some.jsonl:1: field \"rejected\" is missing");
        Path same = file("{\"prompt\": \"a\", \"chosen\": \"b\", \"rejected\": \"b\"}\n");
        assertThatThrownBy(() -> PreferenceReader.read(same)).hasMessageContaining("are the same");
    }
}
