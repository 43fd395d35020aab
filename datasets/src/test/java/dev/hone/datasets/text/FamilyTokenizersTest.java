package dev.hone.datasets.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.datasets.pairs.Pair;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Tokenizers of each family's kind, against what transformers makes of the same texts; see make_family_tokenizers.py. */
class FamilyTokenizersTest {
    private static final JsonNode RECORDED = recorded();

    static List<String> families() {
        return List.copyOf(RECORDED.path("families").propertyNames());
    }

    @ParameterizedTest
    @MethodSource("families")
    void tokensAreThoseOfTransformers(String family) {
        JsonNode expected = RECORDED.path("families").path(family);
        JsonNode texts = RECORDED.path("texts");
        assertThat(texts.size()).isGreaterThanOrEqualTo(200);
        try (Tokenizer tokenizer = tokenizer(family)) {
            assertThat(tokenizer.endOfText()).isEqualTo(expected.path("end").asInt());
            for (int i = 0; i < texts.size(); i++) {
                String text = texts.get(i).asString();
                String as = family + ": " + texts.get(i);
                int[] whole = ids(expected.path("whole").get(i));
                assertThat(tokenizer.encode(text))
                        .as(as)
                        .isEqualTo(ids(expected.path("ids").get(i)));
                assertThat(tokenizer.encodeFromBeginning(text)).as(as).isEqualTo(whole);
                String decoded = expected.path("decoded").get(i).asString();
                // SentencePiece's decoders drop the space that a text begins with.
                assertThat(written(tokenizer, whole)).as(as).isIn(decoded, " " + decoded);
            }
        }
    }

    @Test
    void aTokenMayBeAPartOfACharacter() {
        try (Tokenizer levels = tokenizer("qwen3");
                Tokenizer fallback = tokenizer("gemma")) {
            for (Tokenizer tokenizer : List.of(levels, fallback)) {
                int[] ids = tokenizer.encode("ж");
                assertThat(ids).hasSize(2);
                assertThat(tokenizer.bytes(ids[0])).containsExactly(0xD0);
                assertThat(tokenizer.bytes(ids[1])).containsExactly(0xB6);
                assertThat(tokenizer.text(ids[0])).isEqualTo("\uFFFD");
                assertThat(written(tokenizer, ids)).isEqualTo("ж");
            }
        }
    }

    @Test
    void whatBeginsATextPrecedesThePromptOfAPair() {
        try (Tokenizer tokenizer = tokenizer("llama3")) {
            Pair pair = new Pair("p", "math", "What is 12 plus 30?\n", "42", "Answer: 42", "math", Map.of());
            TokenizedPair tokens = PairFormat.plain(tokenizer).tokenize(pair, LossMask.ASSISTANT);
            int begin = tokenizer.id("<|begin_of_text|>").orElseThrow();
            assertThat(tokens.tokens())
                    .startsWith(begin)
                    .endsWith(tokenizer.id("<|eot_id|>").orElseThrow());
            assertThat(tokens.promptLength()).isEqualTo(1 + tokenizer.encode("What is 12 plus 30?\n").length);
            assertThat(PairFormat.plain(tokenizer).prompt(pair.asked()))
                    .isEqualTo(Arrays.copyOf(tokens.tokens(), tokens.promptLength()));
            assertThat(tokenizer.beginningOfText()).isEqualTo("<|begin_of_text|>");
        }
    }

    /** What tokens write one by one. */
    private static String written(Tokenizer tokenizer, int[] ids) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int id : ids) {
            bytes.writeBytes(tokenizer.bytes(id));
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static int[] ids(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
    }

    private static Tokenizer tokenizer(String family) {
        try {
            return Tokenizer.read(
                    Path.of(Objects.requireNonNull(FamilyTokenizersTest.class.getResource("families/" + family))
                                    .toURI())
                            .resolve("tokenizer.json"));
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode recorded() {
        try (InputStream in =
                Objects.requireNonNull(FamilyTokenizersTest.class.getResourceAsStream("families.json.gz"))) {
            return JsonMapper.shared().readTree(new GZIPInputStream(in));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
