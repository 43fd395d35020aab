package dev.hone.datasets.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {

    @TempDir
    private Path directory;

    @Test
    void everyLineIsFoundAgainInItsPlace() {
        Path file = directory.resolve("sub/journal.jsonl");
        List<String> lines = List.of("one", "", "drei \uD83D\uDE00 \u00FC", "x".repeat(300_000), "last");
        List<Long> places = new ArrayList<>();
        try (Journal journal = new Journal(file, (number, start, line) -> {
            throw new AssertionError("a new journal is empty");
        })) {
            lines.forEach(line -> places.add(journal.append(line)));
            assertThat(places).extracting(journal::at).isEqualTo(lines);
        }

        List<String> read = new ArrayList<>();
        try (Journal journal = new Journal(file, (number, start, line) -> {
            assertThat(start).isEqualTo(places.get((int) number - 1));
            read.add(line);
        })) {
            assertThat(read).isEqualTo(lines);
            assertThat(journal.at(places.get(2))).isEqualTo(lines.get(2));
        }
    }

    /** Wherever the file is cut, the whole lines before are there, and what is added follows them. */
    @Test
    void aLineCutShortIsDroppedWhereverItWasCut() throws IOException {
        byte[] whole = "{\"a\":1}\n{\"b\":\"\u00FC\"}\n".getBytes(StandardCharsets.UTF_8);
        for (int length = 0; length <= whole.length; length++) {
            Path file = directory.resolve("cut-" + length);
            Files.write(file, Arrays.copyOf(whole, length));
            List<String> read = new ArrayList<>();
            try (Journal journal = new Journal(file, (number, start, line) -> read.add(line))) {
                journal.append("next");
            }
            int expected = length == whole.length ? 2 : length >= 8 ? 1 : 0;
            assertThat(read).hasSize(expected);
            assertThat(Files.readAllLines(file)).hasSize(expected + 1).endsWith("next");
        }
    }
}
