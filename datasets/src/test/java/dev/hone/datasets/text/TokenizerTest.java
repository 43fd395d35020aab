package dev.hone.datasets.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Against Hugging Face's Python library; {@code make_reference.py} recorded what transformers makes of the same texts. */
class TokenizerTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"bpe", "unigram"})
    void tokensAreThoseOfThePythonLibrary(String name) {
        JsonNode reference = reference().get(name);
        try (Tokenizer tokenizer = Tokenizer.read(resource(name + ".json"))) {
            assertThat(tokenizer.vocabularySize())
                    .isEqualTo(reference.get("vocabulary_size").asInt());
            assertThat(reference.get("texts").size()).isGreaterThanOrEqualTo(200);
            for (JsonNode text : reference.get("texts")) {
                int[] ids = IntStream.range(0, text.get("ids").size())
                        .map(i -> text.get("ids").get(i).asInt())
                        .toArray();
                assertThat(tokenizer.encode(text.get("text").asString()))
                        .as(text.get("text").toString())
                        .isEqualTo(ids);
                assertThat(tokenizer.decode(ids)).isEqualTo(text.get("decoded").asString());
            }
        }
    }

    @Test
    void knowsItsSpecialTokens() {
        try (Tokenizer bpe = Tokenizer.read(resource("bpe.json"));
                Tokenizer unigram = Tokenizer.read(resource("unigram.json"))) {
            assertThat(bpe.endOfText()).isZero();
            assertThat(bpe.id("<|pad|>")).hasValue(1);
            assertThat(bpe.id("<|none|>")).isEmpty();
            assertThat(unigram.endOfText()).isEqualTo(1);
            assertThat(unigram.id("</s>")).hasValue(1);
        }
    }

    @Test
    void aPairIsPromptResponseAndEnd() {
        try (Tokenizer tokenizer = Tokenizer.read(resource("bpe.json"))) {
            TokenizedPair pair = PairFormat.plain(tokenizer)
                    .tokenize(pair("What is 12 plus 30?\n", "Answer: 42"), LossMask.ASSISTANT);

            int[] prompt = tokenizer.encode("What is 12 plus 30?\n");
            int[] response = tokenizer.encode("Answer: 42");
            assertThat(pair.promptLength()).isEqualTo(prompt.length);
            assertThat(pair.tokens())
                    .startsWith(prompt)
                    .endsWith(tokenizer.endOfText())
                    .containsSubsequence(response)
                    .hasSize(prompt.length + response.length + 1);
            assertThat(tokenizer.decode(pair.tokens())).isEqualTo("What is 12 plus 30?\nAnswer: 42");
        }
    }

    @Test
    void refusesAPairWithoutResponseOrPrompt() {
        try (Tokenizer tokenizer = Tokenizer.read(resource("bpe.json"))) {
            assertThatThrownBy(() -> PairFormat.plain(tokenizer).tokenize(pair("What?", null), LossMask.ASSISTANT))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("Pair p has no response");
            assertThatThrownBy(() -> new TokenizedPair("p", new int[] {1, 2}, 2))
                    .hasMessageContaining("the first token with loss is 2, must be between 1 and 1");
            assertThatThrownBy(() -> new TokenizedPair("p", new int[] {1, 2}, 0))
                    .hasMessageContaining("must be between 1 and 1");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{|not a tokenizer.json",
                "{}|has no end-of-text token; add one of <|endoftext|>",
                "{\"added_tokens\":[{\"id\":0,\"content\":\"</s>\"}]}|not a tokenizer.json",
            },
            quoteCharacter = '`')
    void saysWhatIsWrongWithAFile(String content, String expected) throws IOException {
        Path file = folder.resolve("tokenizer.json");
        Files.writeString(file, content);

        assertThatThrownBy(() -> Tokenizer.read(file))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(expected);
    }

    @Test
    void saysThatAFileIsNotThere() {
        assertThatThrownBy(() -> Tokenizer.read(folder.resolve("none.json")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("no such file");
    }

    private static Pair pair(String prompt, @Nullable String response) {
        return new Pair("p", "math", prompt, "42", response, "math", Map.of());
    }

    private static JsonNode reference() {
        try {
            return JsonMapper.shared().readTree(Files.readString(resource("reference.json")));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path resource(String name) {
        try {
            return Path.of(Objects.requireNonNull(TokenizerTest.class.getResource(name))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
