package dev.hone.datasets.pairs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PairReaderTest {
    private static final String GOOD =
            "{\"id\":\"a\",\"domain\":\"math\",\"prompt\":\"1+1=?\\n\",\"answer\":\"2\",\"verifier\":\"math\"}";

    @TempDir
    Path folder;

    @Test
    void readsWhatWasWritten() {
        List<Pair> pairs = List.of(
                pair("plain", "2+2=?\n", "4", "So 4"),
                pair("no response", "x", "y", null),
                pair("every script", "Größe 漢字 \uD83D\uDE00 \u2028 \"quoted\" \\ \t", "\uFFFD", "a\r\nb")
                        .withMetadata("nested", Map.of("b", List.of(1, 2.5, true), "a", "é"))
                        .withMetadata("level", 3));

        PairWriter.write(folder.resolve("pairs.jsonl"), pairs);

        assertThat(PairReader.read(folder.resolve("pairs.jsonl"))).isEqualTo(pairs);
    }

    @Test
    void equalPairsAreEqualBytes() throws IOException {
        Pair one = pair("a", "p", "1", null).withMetadata("x", 0.1).withMetadata("k", Map.of("b", 1, "a", 2));
        Pair same = pair("a", "p", "1", null)
                .withMetadata("k", Map.of("a", 2, "b", 1))
                .withMetadata("x", 0.1);
        PairWriter.write(folder.resolve("one"), List.of(one));
        PairWriter.write(folder.resolve("same"), List.of(same));

        assertThat(folder.resolve("one")).hasSameBinaryContentAs(folder.resolve("same"));
        assertThat(Files.readString(folder.resolve("one")))
                .isEqualTo("{\"id\":\"a\",\"domain\":\"math\",\"prompt\":\"p\",\"answer\":\"1\",\"verifier\":\"math\","
                        + "\"metadata\":{\"k\":{\"a\":2,\"b\":1},\"x\":0.1}}\n");
    }

    /** 2.0E-3 and 2.2250738585072014E-308 are written otherwise by Double.toString of older virtual machines. */
    @Test
    void numbersHaveTheirShortestForm() throws IOException {
        Pair pair =
                pair("a", "p", "1", null).withMetadata("m", List.of(2.0E-3, 2.2250738585072014E-308, 2.0E10, 1.0 / 3));
        PairWriter.write(folder.resolve("n"), List.of(pair));

        assertThat(Files.readString(folder.resolve("n")))
                .contains("[0.002,2.2250738585072014E-308,2.0E10,0.3333333333333333]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"id\":\"b\"|not valid JSON",
                "[1,2]|expected a JSON object",
                "\"text\"|expected a JSON object",
                "nonsense|not valid JSON",
                "{\"id\":\"b\",\"id\":\"c\"}|not valid JSON (Duplicate Object property \"id\")",
                "{} {}|not valid JSON",
                "{\"id\":\"b\",\"domain\":\"d\",\"prompt\":\"p\",\"verifier\":\"math\"}|field \"answer\" is missing or empty",
                "{\"id\":\"b\",\"domain\":\"d\",\"prompt\":\"\",\"answer\":\"1\",\"verifier\":\"math\"}|field \"prompt\" is missing or empty",
                "{\"id\":\"b\",\"domain\":\"d\",\"prompt\":\"p\",\"answer\":7,\"verifier\":\"math\"}|field \"answer\" must be a string, not 7",
                "{\"id\":\"b\",\"domain\":\"d\",\"prompt\":\"p\",\"answer\":\"7\",\"verifier\":\"math\",\"metadata\":3}|field \"metadata\" must be a JSON object",
                "{\"id\":\"b\",\"domain\":\"d\",\"prompt\":\"p\",\"answer\":\"7\",\"verifier\":\"math\",\"lvl\":3}|unknown field \"lvl\"",
                "{\"id\":\"b\",\"domain\":\"d\",\"prompt\":\"a\\ud800b\",\"answer\":\"7\",\"verifier\":\"math\"}|\"prompt\" holds half a surrogate pair at character 1",
                "{\"id\":\"b\",\"domain\":\"d\",\"prompt\":\"p\",\"answer\":\"\\u0000\",\"verifier\":\"math\"}|\"answer\" holds a NUL character at character 0",
                "{\"id\":\"b\",\"domain\":\"d\",\"prompt\":\"p\",\"answer\":\"7\",\"verifier\":\"math\",\"metadata\":{\"m\":[\"\\udc00\"]}}|\"metadata\" holds half",
                "{\"id\":\"a\",\"domain\":\"d\",\"prompt\":\"p\",\"answer\":\"7\",\"verifier\":\"math\"}|id \"a\" is already that of line 1",
            })
    void namesFileAndLineOfWhatIsMalformed(String line, String expected) throws IOException {
        Path file = folder.resolve("pairs.jsonl");
        Files.writeString(file, GOOD + "\n\n" + line + "\n");

        assertThatThrownBy(() -> PairReader.read(file))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(file + ":3: ")
                .hasMessageContaining(expected);
    }

    @Test
    void saysInWhichLineTheTextStopsBeingUtf8() throws IOException {
        Path file = folder.resolve("pairs.jsonl");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 1; i <= 500; i++) {
            bytes.writeBytes(GOOD.replace("\"a\"", "\"" + i + "\"").getBytes(StandardCharsets.UTF_8));
            bytes.write('\n');
        }
        bytes.writeBytes(new byte[] {'{', (byte) 0xC3, (byte) 0x28, '}', '\n'});
        Files.write(file, bytes.toByteArray());

        assertThatThrownBy(() -> PairReader.read(file)).hasMessageStartingWith(file + ":501: not UTF-8");
    }

    @Test
    void aRawNulIsNotJson() throws IOException {
        Path file = folder.resolve("pairs.jsonl");
        Files.writeString(file, GOOD.replace("1+1", "1\u00001"));

        assertThatThrownBy(() -> PairReader.read(file)).hasMessageStartingWith(file + ":1: not valid JSON");
    }

    @Test
    void nestingWithoutEndIsNotJson() throws IOException {
        Path file = folder.resolve("pairs.jsonl");
        Files.writeString(file, "{\"id\":" + "[".repeat(1_000_000));

        assertThatThrownBy(() -> PairReader.read(file)).hasMessageStartingWith(file + ":1: not valid JSON");
    }

    @Test
    void absurdlyLongLinesAreNotTakenIntoMemory() throws IOException {
        Path file = folder.resolve("pairs.jsonl");
        byte[] mebibyte = " ".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
        try (var out = Files.newOutputStream(file)) {
            for (int i = 0; i < 65; i++) {
                out.write(mebibyte);
            }
            out.write(("\n" + GOOD).getBytes(StandardCharsets.UTF_8));
        }

        assertThatThrownBy(() -> PairReader.read(file)).hasMessageStartingWith(file + ":1: longer than 64 MiB");
        try (Lines lines = new Lines(Files.newInputStream(file))) {
            assertThat(lines.next()).isNotNull().extracting(Lines.Line::whole).isEqualTo(false);
            assertThat(lines.next()).isNotNull().extracting(Lines.Line::text).isEqualTo(GOOD);
        }
    }

    @Test
    void takesLinesHoweverTheyEndAndABOM() throws IOException {
        Path file = folder.resolve("pairs.jsonl");
        Files.writeString(file, "\uFEFF" + GOOD + "\r\n" + GOOD.replace("\"a\"", "\"b\""));

        assertThat(PairReader.read(file)).extracting(Pair::id).containsExactly("a", "b");
    }

    @Test
    void anEmptyFileHasNoPairs() throws IOException {
        assertThat(PairReader.read(Files.createFile(folder.resolve("empty.jsonl"))))
                .isEmpty();
    }

    @Test
    void saysThatAFileIsNotThere() {
        assertThatThrownBy(() -> PairReader.read(folder.resolve("none.jsonl")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("none.jsonl: no such file");
        assertThatThrownBy(() -> PairReader.read(folder))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("cannot be read");
    }

    @Test
    void aFailedWriteLeavesWhatWasThere() throws IOException {
        Path file = folder.resolve("pairs.jsonl");
        PairWriter.write(file, List.of(pair("a", "p", "1", null)));
        List<Pair> broken = new ArrayList<>(List.of(pair("b", "half a pair: \uD800", "1", null)));

        assertThatThrownBy(() -> PairWriter.write(file, broken)).isInstanceOf(UserError.class);
        assertThat(PairReader.read(file)).extracting(Pair::id).containsExactly("a");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    static Pair pair(String id, String prompt, String answer, @Nullable String response) {
        return new Pair(id, "math", prompt, answer, response, "math", Map.of());
    }
}
