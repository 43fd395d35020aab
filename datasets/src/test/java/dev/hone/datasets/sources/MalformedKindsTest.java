package dev.hone.datasets.sources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.Type;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Each kind of row that is no pair, between two that are: counted by kind, named by line, set aside; strict stops. */
class MalformedKindsTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "syntax       | {\"id\":\"x\"",
                "syntax       | 17",
                "missing      | {\"id\":\"x\",\"domain\":\"math\",\"prompt\":\"p\",\"verifier\":\"math\"}",
                "missing      | {\"id\":\"\",\"domain\":\"math\",\"prompt\":\"p\",\"answer\":\"1\",\"verifier\":\"math\"}",
                "type         | {\"id\":\"x\",\"domain\":\"math\",\"prompt\":[],\"answer\":\"1\",\"verifier\":\"math\"}",
                "type         | {\"id\":\"x\",\"domain\":\"math\",\"prompt\":\"p\",\"answer\":1,\"verifier\":\"math\"}",
                "type         | {\"id\":\"x\",\"domain\":\"math\",\"prompt\":\"p\",\"answer\":\"1\",\"verifier\":\"math\",\"metadata\":3}",
                "unknown      | {\"id\":\"x\",\"domain\":\"math\",\"prompt\":\"p\",\"answer\":\"1\",\"verifier\":\"maths\"}",
                "unknown      | {\"id\":\"x\",\"domain\":\"math\",\"promt\":\"p\",\"answer\":\"1\",\"verifier\":\"math\"}",
                "character    | {\"id\":\"x\",\"domain\":\"math\",\"prompt\":\"a\\u0000b\",\"answer\":\"1\",\"verifier\":\"math\"}",
                "character    | {\"id\":\"x\",\"domain\":\"math\",\"prompt\":\"\\ud800\",\"answer\":\"1\",\"verifier\":\"math\"}",
                "duplicate_id | {\"id\":\"a\",\"domain\":\"math\",\"prompt\":\"p\",\"answer\":\"1\",\"verifier\":\"math\"}",
            })
    void aLineIsSetAsideByItsKind(String kind, String line) throws IOException {
        check(kind, "rows.jsonl", (good("a") + line + "\n" + good("b")).getBytes(StandardCharsets.UTF_8), 2, 2);
    }

    @Test
    void bytesThatAreNotUtf8AndNulBytes() throws IOException {
        byte[] bytes = (good("a") + line("x", "p?q") + good("b")).getBytes(StandardCharsets.UTF_8);
        int place = new String(bytes, StandardCharsets.ISO_8859_1).indexOf('?');
        bytes[place] = (byte) 0xC3;
        check("encoding", "rows.jsonl", bytes, 2, 2);
        bytes[place] = 0;
        check("syntax", "rows.jsonl", bytes, 2, 2);
    }

    @Test
    void aLineOfAbsurdLength() throws IOException {
        Path file = folder.resolve("rows.jsonl");
        try (var out = Files.newOutputStream(file)) {
            out.write(good("a").getBytes(StandardCharsets.UTF_8));
            byte[] megabyte = "x".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < 65; i++) {
                out.write(megabyte);
            }
            out.write(("\n" + good("b")).getBytes(StandardCharsets.UTF_8));
        }
        check("length", file, 2, 2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Closed by the next row's, and by nothing.
                "x,math,\"unclosed,1,math\ng1,math,\"a, b\",1,math\ng2,math,c,1,math\n",
                "x,math,\"unclosed,1,math\ng1,math,\"\"a\"\",1,math\ng2,math,c,1,math\n",
                "x,math,\"unclosed,1,math\ng1,math,a,1,math\ng2,math,c,1,math\n",
                "x,math,\"a\"b,1,math\r\ng1,math,\"two\nlines\",1,math\r\ng2,math,c,1,math\r\n",
            })
    void aRowOfCsvWhoseQuotesAreWrongCostsItsLineAlone(String rows) throws IOException {
        Path file = folder.resolve("rows.csv");
        Files.writeString(file, "id,domain,prompt,answer,verifier\ng0,math,p,1,math\n" + rows);
        Outcome outcome = set(file);
        assertThat(outcome.pairs()).extracting(Pair::id).contains("g0", "g2");
        assertThat(Files.readAllLines(outcome.aside()).get(0)).contains("\"line\":3,\"kind\":\"syntax\"", "x,math,");
        assertThatThrownBy(() -> new PairFiles(file, RowForm.pairs()).read(Malformed.strict()))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(file + ":3: ");
    }

    /** Wherever they stand, and whether the writer kept each text once for all its rows or not. */
    @ParameterizedTest
    @CsvSource({"PARQUET_V1, 100000", "PARQUET_V1, 1", "PARQUET_V2, 1"})
    void parquetTextsThatAreNotUtf8(String version, int dictionary) throws Exception {
        Path file = folder.resolve("rows.parquet");
        bytesAsText(
                file,
                "'p' || i AS id, 'math' AS domain, CASE WHEN i % 2500 = 7 THEN '\\xC3\\x28 '::BLOB ELSE"
                        + " encode('prüfe \\ \"漢\" ' || i % 900) END AS prompt, '1' AS answer, 'math' AS verifier,"
                        + " {'tags': [CASE WHEN i = 4000 THEN '\\xFF'::BLOB ELSE encode('é') END], 'n': i} AS metadata",
                "PARQUET_VERSION " + version.substring("PARQUET_".length()) + ", DICTIONARY_SIZE_LIMIT " + dictionary);

        Outcome outcome = set(file);
        assertThat(outcome.kinds()).isEqualTo(Map.of("encoding", 3));
        assertThat(outcome.pairs()).hasSize(4997);
        Pair pair = outcome.pairs().get(4996);
        assertThat(pair.prompt()).isEqualTo("prüfe \\ \"漢\" " + 4999 % 900);
        assertThat(pair.metadata()).containsEntry("tags", List.of("é")).containsEntry("n", 4999);
        assertThat(Files.readAllLines(outcome.aside()).stream().map(JsonMapper.shared()::readTree))
                .extracting(entry -> entry.path("line").asInt())
                .containsExactly(8, 2508, 4001);
        assertThatThrownBy(() -> new PairFiles(file, RowForm.pairs()).read(Malformed.strict()))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(file + ":8: the field prompt is not UTF-8");
    }

    /** Writes columns of bytes that say they are text, which DuckDB itself does not. */
    private void bytesAsText(Path file, String columns, String options) throws Exception {
        Path bytes = folder.resolve("bytes.parquet");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (SELECT " + columns + " FROM range(5000) AS rows(i)) TO '" + bytes
                    + "' (FORMAT parquet, ROW_GROUP_SIZE 2048, " + options + ")");
        }
        ParquetFooter.copyWithSchema(bytes, file, element -> {
            if (element.getType() == Type.BYTE_ARRAY) {
                element.setConverted_type(ConvertedType.UTF8);
            }
        });
    }

    @Test
    void filesThatBreakOff() throws Exception {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(whole)) {
            for (int i = 0; i < 3000; i++) {
                gzip.write(line("id" + i, "prompt " + i * 7919L).getBytes(StandardCharsets.UTF_8));
            }
        }
        Path gzip = folder.resolve("cut.jsonl.gz");
        Files.write(gzip, Arrays.copyOf(whole.toByteArray(), whole.size() / 2));
        assertThat(set(gzip).kinds()).isEqualTo(Map.of("unreadable", 1));
        assertThat(set(gzip).pairs()).hasSizeGreaterThan(100);

        Path parquet = folder.resolve("cut.parquet");
        parquet(parquet);
        byte[] bytes = Files.readAllBytes(parquet);
        assertThat(set(parquet).pairs()).hasSize(500);
        Files.write(parquet, Arrays.copyOf(bytes, bytes.length - 100));
        assertThat(set(parquet).kinds()).isEqualTo(Map.of("unreadable", 1));
        assertThatThrownBy(() -> new PairFiles(parquet, RowForm.pairs()).read(Malformed.strict()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("cut.parquet");
    }

    private record Outcome(List<Pair> pairs, Map<String, Integer> kinds, Path aside) {}

    private Outcome set(Path file) {
        Path aside = folder.resolve("aside.jsonl");
        try (Quarantine quarantine = new Quarantine(aside)) {
            List<Pair> pairs = new PairFiles(file, RowForm.pairs()).read(quarantine);
            return new Outcome(pairs, quarantine.byKind(), aside);
        }
    }

    private void check(String kind, String name, byte[] content, int line, int pairs) throws IOException {
        Path file = folder.resolve(name);
        Files.write(file, content);
        check(kind, file, line, pairs);
    }

    private void check(String kind, Path file, int line, int pairs) throws IOException {
        Outcome outcome = set(file);
        assertThat(outcome.pairs())
                .extracting(Pair::id)
                .containsExactly("a", "b")
                .hasSize(pairs);
        assertThat(outcome.kinds()).isEqualTo(Map.of(kind, 1));
        JsonNode entry =
                JsonMapper.shared().readTree(Files.readAllLines(outcome.aside()).get(0));
        assertThat(entry.path("kind").asString()).isEqualTo(kind);
        assertThat(entry.path("line").asInt()).isEqualTo(line);
        assertThat(entry.path("file").asString()).isEqualTo(file.toString());
        assertThatThrownBy(() -> new PairFiles(file, RowForm.pairs()).read(Malformed.strict()))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(file + ":" + line + ": ");
    }

    private static String good(String id) {
        return line(id, "prompt");
    }

    private static String line(String id, String prompt) {
        return "{\"id\":\"%s\",\"domain\":\"math\",\"prompt\":\"%s\",\"answer\":\"1\",\"verifier\":\"math\"}\n"
                .formatted(id, prompt);
    }

    private static void parquet(Path file) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (SELECT 'p' || i AS id, 'math' AS domain, 'prompt ' || i AS prompt, '1' AS answer,"
                    + " 'math' AS verifier FROM range(500) AS rows(i)) TO '" + file + "' (FORMAT parquet)");
        }
    }
}
