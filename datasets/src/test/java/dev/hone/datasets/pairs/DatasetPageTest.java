package dev.hone.datasets.pairs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Value;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DatasetPageTest {
    @TempDir
    Path folder;

    @Test
    void holdsEveryPairAndNoTextCanBreakOut() throws IOException {
        List<Pair> pairs = List.of(
                new Pair("a", "math", "</script><b>{{data}}", "1", "é 漢", "math", Map.of("level", 1)),
                new Pair("b", "math", "2", "2", null, "exact", Map.of()));

        String page = write(pairs);

        assertThat(page).doesNotContain("</script><b>");
        JsonNode data = data(page);
        assertThat(data.get("count").asInt()).isEqualTo(2);
        assertThat(data.at("/pairs/0/prompt").asString()).isEqualTo("</script><b>{{data}}");
        assertThat(data.at("/pairs/1/id").asString()).isEqualTo("b");
    }

    @Test
    void ofManyPairsShowsSomeEvenlySpread() throws IOException {
        Path html = folder.resolve("page.html");
        DatasetPage.write(
                html,
                Map.of("domain", "math", "count", 300),
                300,
                100,
                line -> IntStream.range(0, 300)
                        .mapToObj(i -> "{\"id\":\"p" + i + "\"}")
                        .forEach(line));

        JsonNode shown = data(Files.readString(html)).get("pairs");

        assertThat(shown.size()).isEqualTo(100);
        assertThat(shown.get(0).get("id").asString()).isEqualTo("p0");
        assertThat(shown.get(99).get("id").asString()).isEqualTo("p297");
    }

    @Test
    void showsLinesThatAreNoPairsAndSaysWhichIsMalformed() throws IOException {
        Path lines = Files.writeString(
                folder.resolve("dropped.jsonl"),
                "{\"id\":\"a\",\"reason\":\"duplicate\",\"prompt\":\"<b>\",\"metadata\":{\"pass_rate\":0.25}}\n");
        Path html = folder.resolve("page.html");
        DatasetPage.writeLines(lines, html);

        JsonNode shown = data(Files.readString(html)).get("pairs");
        assertThat(shown.at("/0/metadata/reason").asString()).isEqualTo("duplicate");
        assertThat(shown.at("/0/metadata/pass_rate").asDouble()).isEqualTo(0.25);
        assertThat(Files.readString(html)).doesNotContain("<b>");

        Files.writeString(lines, "{\"prompt\":\"q\"}\n{\"id\":\"b\"}\n");
        assertThatThrownBy(() -> DatasetPage.writeLines(lines, html))
                .isInstanceOf(UserError.class)
                .hasMessage(lines + ":2: expected a JSON object with a string \"prompt\"");
    }

    @Test
    void filtersByTextAndMetadata() throws IOException {
        String script;
        try (var in = Objects.requireNonNull(DatasetPage.class.getResourceAsStream("page.js"))) {
            script = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        try (Context context = Context.newBuilder("js")
                .option("engine.WarnInterpreterOnly", "false")
                .build()) {
            context.eval("js", script);
            context.eval(
                    "js",
                    "const pairs = [{id:'a',prompt:'Two apples',answer:'2',verifier:'math',metadata:{level:10}},"
                            + "{id:'b',prompt:'Three',answer:'3',response:'so APPLES',verifier:'math',metadata:{level:9}}]");
            Value filters = context.eval("js", "JSON.stringify(filtersOf(pairs))");
            assertThat(filters.asString()).isEqualTo("[[\"level\",[\"9\",\"10\"]]]");
            assertThat(context.eval("js", "[0, 0.25, 0.3, 0.95, 1].map(label).join()")
                            .asString())
                    .isEqualTo("0,0.2 to 0.3,0.3 to 0.4,0.9 to 1,1");
            assertThat(context.eval("js", "pairs.filter(p => fits(p, 'apples', {})).length")
                            .asInt())
                    .isEqualTo(2);
            assertThat(context.eval("js", "pairs.filter(p => fits(p, 'APPLES', {level: '9'}))[0].id")
                            .asString())
                    .isEqualTo("b");
            assertThat(context.eval("js", "pairs.filter(p => fits(p, '', {verifier: 'exact'})).length")
                            .asInt())
                    .isZero();
        }
    }

    private String write(List<Pair> pairs) throws IOException {
        Path html = folder.resolve("page.html");
        DatasetPage.write(FrozenDataset.freeze(folder, "math", pairs, Map.of()), html);
        return Files.readString(html);
    }

    private static JsonNode data(String page) {
        String start = "<script type=\"application/json\" id=\"data\">";
        int from = page.indexOf(start) + start.length();
        return JsonMapper.shared().readTree(page.substring(from, page.indexOf("</script>", from)));
    }
}
