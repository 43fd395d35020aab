package dev.hone.datasets.sources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.github.luben.zstd.ZstdOutputStream;
import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Chat;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.PairReader;
import dev.hone.datasets.pairs.PairWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PairFilesTest {
    private static final RowForm FIELDS =
            new FieldMapping("question", "answer", null).form(null, "{prompt}\n", "math", "math");
    private static final List<String> QUESTIONS =
            List.of("1 + 1?", "Größe, \"quoted\"\nin two lines: 漢字 😀", "  spaces ");

    @TempDir
    Path folder;

    @Test
    void tablesMayHoldConversationsAsTextAndNumbersThatAreNone() throws SQLException {
        Path file = folder.resolve("chats.parquet");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "COPY (SELECT '[{\"from\":\"human\",\"value\":\"q\"},{\"from\":\"gpt\",\"value\":\"Answer: 3\"}]'"
                            + " AS conversations, unnest(['nan', 'inf', '-inf', '1'])::DOUBLE AS score) TO '" + file
                            + "' (FORMAT parquet)");
        }
        List<Pair> pairs =
                new PairFiles(file, Form.SHAREGPT.form(null, "{prompt}\n", "d", "math")).read(Malformed.strict());
        assertThat(pairs).hasSize(4).extracting(Pair::prompt, Pair::answer).containsOnly(tuple("q\n", "3"));
    }

    @Test
    void everyKindOfFileHoldsTheSame() throws Exception {
        List<List<Pair>> all = new ArrayList<>();
        for (String name :
                List.of("jsonl", "json", "csv", "tsv", "jsonl.gz", "csv.gz", "jsonl.zst", "json.zst", "parquet")) {
            Path file = write("rows." + name);
            List<Pair> pairs = new PairFiles(file, FIELDS).read(Malformed.strict());
            assertThat(pairs)
                    .as(name)
                    .extracting(Pair::prompt)
                    .containsExactly(
                            QUESTIONS.stream().map(question -> question + "\n").toArray(String[]::new));
            assertThat(pairs).extracting(Pair::answer).containsExactly("2", "3.5", "-4");
            assertThat(pairs).extracting(pair -> pair.metadata().get("source")).containsOnly("rows");
            all.add(pairs);
        }
        assertThat(all).hasSize(9);
    }

    @Test
    void rowsAreNumberedByTheLineTheyBeginIn() throws Exception {
        assertThat(new PairFiles(write("rows.csv"), FIELDS).read(Malformed.strict()))
                .extracting(Pair::id)
                .containsExactly("rows-2", "rows-3", "rows-5");
        assertThat(new PairFiles(write("rows.jsonl"), FIELDS).read(Malformed.strict()))
                .extracting(Pair::id)
                .containsExactly("rows-1", "rows-2", "rows-3");
        assertThat(new PairFiles(write("rows.parquet"), FIELDS).read(Malformed.strict()))
                .extracting(Pair::id)
                .containsExactly("rows-1", "rows-2", "rows-3");
    }

    @Test
    void patternsTakeFilesInTheOrderOfTheirNames() throws Exception {
        for (String name : List.of("b/train.jsonl", "a/train.jsonl", "a/deep/train.jsonl", "a/other.txt", "c.jsonl")) {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, "{\"question\":\"" + name + "\",\"answer\":\"1\"}\n");
        }
        assertThat(ids("**.jsonl")).containsExactly("a/deep/train-1", "a/train-1", "b/train-1", "c-1");
        assertThat(ids("*/train.jsonl")).containsExactly("a/train-1", "b/train-1");
        assertThat(ids("{b,c}*")).containsExactly("c-1");
        assertThat(ids("a/train.json?")).containsExactly("train-1");
        assertThatThrownBy(() -> ids("*.parquet"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("*.parquet: no file matches");
        assertThatThrownBy(() -> ids("a/other.txt"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("unknown kind of file");
        assertThatThrownBy(() -> ids("none.jsonl")).hasMessageContaining("none.jsonl: no such file");
    }

    private List<String> ids(String pattern) {
        return new PairFiles(folder.resolve(pattern), FIELDS)
                .read(Malformed.strict()).stream().map(Pair::id).toList();
    }

    /** Every kind of malformed row, each between good ones. */
    @Test
    void malformedRowsAreSetAsideAndTheRestGoesOn() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        List<String> reasons = new ArrayList<>();
        byte[][] bad = {
            utf8("{\"question\":\"open"),
            utf8("[]"),
            utf8("{\"question\":\"q\"}"),
            utf8("{\"question\":[1],\"answer\":\"1\"}"),
            utf8("{\"question\":\"q\",\"answer\":\"\"}"),
            utf8("{\"question\":\"a\0b\",\"answer\":\"1\"}"),
            utf8("{\"question\":\"a\\u0000b\",\"answer\":\"1\"}"),
            utf8("{\"question\":\"\\ud800\",\"answer\":\"1\"}"),
            {'{', '"', (byte) 0xFF, (byte) 0xFE, '"', '}'},
            utf8("{\"question\":\"q\",\"answer\":\"1\"} trailing"),
            utf8("{\"question\":\"q\",\"question\":\"r\",\"answer\":\"1\"}"),
        };
        for (byte[] line : bad) {
            bytes.writeBytes(utf8("{\"question\":\"good\",\"answer\":\"1\"}\n"));
            bytes.writeBytes(line);
            bytes.write('\n');
        }
        byte[] megabyte = utf8("x".repeat(1 << 20));
        bytes.writeBytes(utf8("{\"question\":\""));
        for (int i = 0; i < 65; i++) {
            bytes.writeBytes(megabyte);
        }
        bytes.writeBytes(utf8("\",\"answer\":\"1\"}\n{\"question\":\"last\",\"answer\":\"1\"}"));
        Path file = folder.resolve("rows.jsonl");
        Files.write(file, bytes.toByteArray());
        Path aside = folder.resolve("aside/malformed.jsonl");

        List<Pair> pairs;
        try (Quarantine quarantine = new Quarantine(aside)) {
            pairs = new PairFiles(file, FIELDS).read(quarantine);
            assertThat(quarantine.count()).isEqualTo(bad.length + 1);
            assertThat(quarantine.byFile()).isEqualTo(Map.of(file.toString(), bad.length + 1));
            assertThat(quarantine.summary())
                    .contains(
                            "12 malformed rows set aside in " + aside, "; the first is " + file + ":2: not valid JSON");
            assertThat(quarantine.byKind())
                    .isEqualTo(
                            Map.of("syntax", 5, "missing", 2, "type", 1, "character", 2, "encoding", 1, "length", 1));
        }

        assertThat(pairs).hasSize(bad.length + 1);
        assertThat(pairs.get(bad.length).prompt()).isEqualTo("last\n");
        List<JsonNode> entries = Files.readAllLines(aside).stream()
                .map(line -> JsonMapper.shared().readTree(line))
                .toList();
        assertThat(entries)
                .extracting(entry -> entry.get("line").asInt())
                .containsExactlyElementsOf(IntStream.rangeClosed(1, bad.length + 1)
                        .map(i -> i <= bad.length ? 2 * i : 2 * i - 1)
                        .boxed()
                        .toList());
        assertThat(entries)
                .allSatisfy(entry -> assertThat(entry.get("file").asString()).isEqualTo(file.toString()));
        entries.forEach(entry -> reasons.add(entry.get("reason").asString()));
        assertThat(reasons.get(0)).contains("not valid JSON");
        assertThat(reasons.get(1)).contains("expected a JSON object");
        assertThat(reasons.get(2)).contains("\"answer\" is missing or empty");
        assertThat(reasons.get(3)).contains("\"question\" must be text, not a list");
        assertThat(reasons.get(4)).contains("\"answer\" is missing or empty");
        assertThat(reasons.get(5)).contains("not valid JSON");
        assertThat(reasons.get(6)).contains("NUL");
        assertThat(reasons.get(7)).contains("surrogate");
        assertThat(reasons.get(8)).contains("not UTF-8");
        assertThat(reasons.get(9)).contains("not valid JSON");
        assertThat(reasons.get(10)).contains("Duplicate");
        assertThat(reasons.get(11)).contains("longer than 64 MiB");
        assertThat(entries.get(0).get("text").asString()).isEqualTo("{\"question\":\"open");
    }

    @Test
    void strictStopsAtTheFirst() throws Exception {
        Path file = folder.resolve("rows.jsonl");
        Files.writeString(file, "{\"question\":\"q\",\"answer\":\"1\"}\nnonsense\n");

        assertThatThrownBy(() -> new PairFiles(file, FIELDS).read(Malformed.strict()))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(file + ":2: not valid JSON");
    }

    @Test
    void malformedCsvRowsAreSetAside() throws Exception {
        Path file = folder.resolve("rows.csv");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(utf8("question,answer\ngood,1\ntoo,many,columns\nfew\n\"two\nlines\",2\n"));
        bytes.writeBytes(new byte[] {'b', 'a', 'd', (byte) 0xC3, ',', '3', '\n'});
        bytes.writeBytes(utf8("empty,\nnul\0,4\nGröße,5\n"));
        Files.write(file, bytes.toByteArray());

        List<String> places = new ArrayList<>();
        List<Pair> pairs =
                new PairFiles(file, FIELDS).read((path, line, kind, reason, text) -> places.add(line + " " + reason));

        assertThat(pairs).extracting(Pair::prompt).containsExactly("good\n", "two\nlines\n", "Größe\n");
        assertThat(places).hasSize(5);
        assertThat(places.get(0)).startsWith("3 has 3 columns, not the 2 of the first line");
        assertThat(places.get(1)).startsWith("4 has 1 columns");
        assertThat(places.get(2)).startsWith("7 not UTF-8");
        assertThat(places.get(3)).startsWith("8 field \"answer\" is missing or empty");
        assertThat(places.get(4)).startsWith("9 field \"prompt\" holds a NUL character");
    }

    /** The beginning of a file that breaks off is taken, and the files after it. */
    @ParameterizedTest
    @ValueSource(strings = {"jsonl.gz", "jsonl.zst", "json", "parquet", "csv.gz"})
    void aTruncatedFileIsReportedAndTheNextOneRead(String kind) throws Exception {
        Path whole = write("a." + kind);
        byte[] bytes = Files.readAllBytes(whole);
        Files.write(whole, Arrays.copyOf(bytes, bytes.length * 2 / 3));
        write("b.jsonl");

        List<String> places = new ArrayList<>();
        List<Pair> pairs = new PairFiles(folder.resolve("{a.*,b.*}"), FIELDS)
                .read((path, line, what, reason, text) -> places.add(Malformed.place(path, line) + " " + reason));

        assertThat(places).hasSize(1);
        assertThat(places.get(0)).startsWith(whole.toString()).contains("cannot be read any further");
        assertThat(pairs).extracting(Pair::id).contains("b-1", "b-2", "b-3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"jsonl.gz", "jsonl.zst", "parquet"})
    void whatIsNotOfItsKindIsReported(String kind) throws Exception {
        Path file = folder.resolve("rows." + kind);
        Files.writeString(file, "neither compressed nor columns\n");

        assertThatThrownBy(() -> new PairFiles(file, FIELDS).read(Malformed.strict()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("cannot be read any further");
    }

    @Test
    void emptyFilesHoldNothing() throws Exception {
        for (String name : List.of("e.jsonl", "e.json")) {
            Path file = Files.createFile(folder.resolve(name));
            assertThat(new PairFiles(file, FIELDS).read(Malformed.strict())).isEmpty();
        }
        Path csv = Files.createFile(folder.resolve("e.csv"));
        assertThatThrownBy(() -> new PairFiles(csv, FIELDS).read(Malformed.strict()))
                .hasMessageContaining("its first line must name the columns");
    }

    @Test
    void idsThatOccurTwiceAreMalformedAcrossFiles() throws Exception {
        PairWriter.write(folder.resolve("one.jsonl"), List.of(pair("a", "math"), pair("b", "math")));
        PairWriter.write(folder.resolve("two.jsonl"), List.of(pair("b", "math"), pair("c", "mth")));

        List<String> places = new ArrayList<>();
        List<Pair> pairs = new PairFiles(folder.resolve("*.jsonl"), RowForm.pairs())
                .read((path, line, kind, reason, text) -> places.add(path.getFileName() + ":" + line + " " + reason));

        assertThat(pairs).extracting(Pair::id).containsExactly("a", "b");
        assertThat(places.get(0))
                .startsWith("two.jsonl:1 id \"b\" is already that of " + folder.resolve("one.jsonl:2"));
        assertThat(places.get(1)).startsWith("two.jsonl:2 Unknown verifier \"mth\"");
    }

    /** Four hundred megabytes of rows, read within half of that. */
    @Test
    void memoryDoesNotGrowWithTheFile() throws Exception {
        Path file = folder.resolve("large.jsonl.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file), 1 << 16)) {
            byte[] line = utf8("{\"question\":\"" + "q".repeat(4000) + "\",\"answer\":\"1\"}\n");
            for (int i = 0; i < 100_000; i++) {
                out.write(line);
            }
        }
        long total = 0;
        long peak = 0;
        try (PairStream stream = new PairFiles(file, FIELDS).open(Malformed.strict())) {
            while (stream.hasNext()) {
                total += stream.next().prompt().length();
                if (total % (4001L * 50_000) == 0) {
                    System.gc();
                    peak = Math.max(
                            peak,
                            Runtime.getRuntime().totalMemory()
                                    - Runtime.getRuntime().freeMemory());
                }
            }
        }
        assertThat(total).isEqualTo(4001L * 100_000);
        assertThat(peak).isLessThan(200L << 20);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "gsm8k|{\"question\":\"How many?\",\"answer\":\"2*2=4\\n#### 4\"}|How many?|4|2*2=4¶#### 4",
                "math|{\"problem\":\"Find x.\",\"solution\":\"\\\\boxed{1}, no, $x=\\\\boxed{\\\\frac{1}{2}}$.\"}|Find x.|\\frac{1}{2}|\\boxed{1}, no, $x=\\boxed{\\frac{1}{2}}$.",
                "alpaca|{\"instruction\":\"Sort.\",\"input\":\"3 1 2\",\"output\":\"1 2 3\"}|Sort.¶¶3 1 2|1 2 3|1 2 3",
                "alpaca|{\"instruction\":\"Greet.\",\"input\":\"\",\"output\":\"Hello\"}|Greet.|Hello|Hello",
                "prompt_completion|{\"prompt\":\"2+2\",\"completion\":\"So.\\nAnswer: 4\\n\"}|2+2|4|So.¶Answer: 4¶",
                "prompt_completion|{\"prompt\":[{\"role\":\"user\",\"content\":\"2+2\"}],\"completion\":[{\"role\":\"assistant\",\"content\":\"4\"}]}|2+2|4|4",
                "messages|{\"messages\":[{\"role\":\"system\",\"content\":\"Be brief.\"},{\"role\":\"user\",\"content\":\"2+2\"},{\"role\":\"assistant\",\"content\":\"It is \\\\boxed{4}\"}]}|Be brief.¶¶2+2|4|It is \\boxed{4}",
                "messages|{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"assistant\",\"content\":\"Hello\"},{\"role\":\"user\",\"content\":\"2+2\"},{\"role\":\"assistant\",\"content\":\"#### 4\"}]}|user: Hi¶¶assistant: Hello¶¶user: 2+2|4|#### 4",
                "sharegpt|{\"conversations\":[{\"from\":\"human\",\"value\":\"2+2\"},{\"from\":\"gpt\",\"value\":\"4\"}]}|2+2|4|4",
            })
    void readsTheFormsOthersPublish(String form, String row, String prompt, String answer, String response)
            throws IOException {
        Path file = folder.resolve("rows.jsonl");
        Files.writeString(file, row + "\n");

        List<Pair> pairs = new PairFiles(file, named(form)).read(Malformed.strict());

        boolean isConversation = row.contains("[{");
        assertThat(pairs).singleElement().satisfies(pair -> {
            assertThat(pair.chat() != null).isEqualTo(isConversation);
            assertThat(pair.asked().messages().isAnswered()).isFalse();
            assertThat(pair.answered().answer()).isEqualTo(pair.response());
        });
        assertThat(pairs)
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("chat")
                .containsExactly(new Pair(
                        "rows-1",
                        "d",
                        prompt.replace("¶", "\n") + "\n",
                        answer,
                        response.replace("¶", "\n"),
                        "math",
                        Map.of("source", "rows")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "gsm8k|{\"question\":\"q\",\"answer\":\"4\"}|no answer after \"####\"",
                "math|{\"problem\":\"q\",\"solution\":\"\\\\boxed{4\"}|no answer in \\boxed",
                "alpaca|{\"instruction\":\"q\"}|\"output\" is missing",
                "messages|{\"messages\":\"hi\"}|must be a list of messages",
                "messages|{\"messages\":[]}|must be a list of messages",
                "messages|{\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}|last message is the user's",
                "messages|{\"messages\":[{\"role\":\"assistant\",\"content\":\"q\"}]}|no message is the user's",
                "messages|{\"messages\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"critic\",\"content\":\"q\"}]}|is from \"critic\"",
                "messages|{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\"}]}]}|a part of type \"image\"; only text",
                "sharegpt|{\"conversations\":[{\"from\":\"human\"}]}|\"value\" of a message is missing",
            })
    void saysWhatAFormLacks(String form, String row, String expected) throws IOException {
        Path file = folder.resolve("rows.jsonl");
        Files.writeString(file, row + "\n");

        assertThatThrownBy(() -> new PairFiles(file, named(form)).read(Malformed.strict()))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(file + ":1: ")
                .hasMessageContaining(expected);
    }

    @Test
    void conversationsKeepWhatTheirTemplateNeeds() throws IOException {
        Path file = folder.resolve("rows.jsonl");
        Files.writeString(file, """
                {"messages":[{"role":"user","content":"Weather?"},{"role":"assistant","content":null,"tool_calls":[{"type":"function","function":{"name":"w","arguments":{"city":"Paris"}}}]},{"role":"tool","content":"21","name":"w"},{"role":"assistant","content":"21","reasoning_content":"easy"}],"tools":"[{\\"type\\":\\"function\\",\\"function\\":{\\"name\\":\\"w\\"}}]","chat_template_kwargs":{"enable_thinking":true}}
                """);

        Pair pair =
                new PairFiles(file, named("messages")).read(Malformed.strict()).get(0);

        Chat chat = Objects.requireNonNull(pair.chat());
        assertThat(chat.messages().get(1)).containsOnlyKeys("role", "tool_calls");
        assertThat(chat.messages().get(2)).containsEntry("name", "w");
        assertThat(chat.tools().get(0)).containsEntry("type", "function");
        assertThat(chat.variables()).containsEntry("enable_thinking", true);
        assertThat(pair.prompt()).contains("assistant: {\"type\":\"function\"").endsWith("tool: 21\n");
        assertThat(pair.response()).isEqualTo("<think>\neasy\n</think>\n\n21");
        assertThat(Objects.requireNonNull(pair.withResponse("22").chat()).messages())
                .hasSize(4)
                .last()
                .isEqualTo(Chat.message("assistant", "22"));

        Path written = folder.resolve("pairs.jsonl");
        PairWriter.write(written, List.of(pair));
        assertThat(PairReader.read(written)).containsExactly(pair);
    }

    @Test
    void aPairMayBeItsMessages() throws IOException {
        Path file = folder.resolve("pairs.jsonl");
        Files.writeString(file, """
                {"id":"a","domain":"math","messages":[{"role":"user","content":"1+1"},{"role":"assistant","content":"2"}],"answer":"2","verifier":"math"}
                {"id":"b","domain":"math","messages":[{"role":"user","content":"2+2"}],"answer":"4","response":"So 4","verifier":"math"}
                """);

        List<Pair> pairs = PairReader.read(file);

        assertThat(pairs).extracting(Pair::prompt).containsExactly("1+1\n", "2+2\n");
        assertThat(pairs).extracting(Pair::response).containsExactly("2", "So 4");
        assertThat(pairs.get(1).answered().messages()).hasSize(2);
        Files.writeString(file, """
                {"id":"a","domain":"math","messages":[{"role":"user","content":"1+1"},{"role":"assistant","content":"2"}],"answer":"2","response":"3","verifier":"math"}
                """);
        assertThatThrownBy(() -> PairReader.read(file))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("differs from the last");
    }

    @Test
    void fieldsMayLieDeepAndBeNumbers() throws IOException {
        Path file = folder.resolve("rows.jsonl");
        Files.writeString(file, "{\"q\":{\"text\":\"2+2\"},\"reward\":{\"truth\":4},\"work\":\"So #### 4\"}\n");

        RowForm form = new FieldMapping("q.text", "reward.truth", "work").form(null, "Q: {prompt}", "d", "math");

        assertThat(new PairFiles(file, form).read(Malformed.strict()))
                .containsExactly(new Pair("rows-1", "d", "Q: 2+2", "4", "So #### 4", "math", Map.of("source", "rows")));
    }

    @Test
    void anUnknownVerifierIsRefusedBeforeReading() {
        assertThatThrownBy(() -> Form.ALPACA.form(null, "{prompt}", "d", "mth"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("did you mean \"math\"?");
    }

    private static RowForm named(String form) {
        return Objects.requireNonNull(Form.named(form)).form(null, "{prompt}\n", "d", "math");
    }

    /** The three questions in a file of the kind its name says. */
    private Path write(String name) throws IOException, SQLException {
        Path file = folder.resolve(name);
        List<String> answers = List.of("2", "3.5", "-4");
        List<String> objects = IntStream.range(0, 3)
                .mapToObj(i -> JsonMapper.shared()
                        .writeValueAsString(Map.of("question", QUESTIONS.get(i), "answer", answers.get(i), "other", i)))
                .toList();
        if (name.endsWith(".parquet")) {
            parquet(file, answers);
            return file;
        }
        String text;
        if (name.contains(".jsonl")) {
            text = String.join("\n", objects) + "\n";
        } else if (name.contains(".json")) {
            text = "[\n" + String.join(",\n", objects) + "\n]\n";
        } else {
            String separator = name.contains(".tsv") ? "\t" : ",";
            StringBuilder table = new StringBuilder("question" + separator + "answer\r\n");
            for (int i = 0; i < 3; i++) {
                table.append('"').append(QUESTIONS.get(i).replace("\"", "\"\"")).append('"');
                table.append(separator).append(answers.get(i)).append("\r\n");
            }
            text = table.toString();
        }
        try (OutputStream raw = Files.newOutputStream(file);
                OutputStream out = name.endsWith(".gz")
                        ? new GZIPOutputStream(raw)
                        : name.endsWith(".zst") ? new ZstdOutputStream(raw) : raw) {
            out.write(utf8(text));
        }
        return file;
    }

    private static void parquet(Path file, List<String> answers) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE rows (question VARCHAR, answer VARCHAR)");
            try (var insert = connection.prepareStatement("INSERT INTO rows VALUES (?, ?)")) {
                for (int i = 0; i < 3; i++) {
                    insert.setString(1, QUESTIONS.get(i));
                    insert.setString(2, answers.get(i));
                    insert.execute();
                }
            }
            statement.execute("COPY rows TO '" + file + "' (FORMAT parquet)");
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Pair pair(String id, String verifier) {
        return new Pair(id, "d", "p" + id, "1", null, verifier, Map.of());
    }
}
