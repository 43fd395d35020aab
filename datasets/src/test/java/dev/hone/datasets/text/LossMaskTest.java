package dev.hone.datasets.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Asked;
import dev.hone.datasets.pairs.Chat;
import dev.hone.datasets.pairs.Pair;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Against the ids and masks of transformers and TRL; python/make_mask_fixtures.py says how masks.json.gz was made. */
class LossMaskTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final JsonNode FIXTURE = fixture();
    private static final Path TEMPLATES = Path.of("src/test/resources/dev/hone/datasets/text/templates");
    private static final Path TOKENIZER = Path.of("../recipes/gsm8k/tokenizer.json");
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-03-07T09:05:02Z"), ZoneOffset.UTC);

    static List<String> templates() {
        return List.copyOf(FIXTURE.path("templates").propertyNames());
    }

    @ParameterizedTest
    @MethodSource("templates")
    void idsAndMaskAreThoseOfTransformers(String name) {
        JsonNode expected = FIXTURE.path("templates").path(name).path("transformers");
        int compared = 0;
        try (Tokenizer tokenizer = Tokenizer.read(TOKENIZER);
                ChatTemplate template = template(name)) {
            for (int i = 0; i < expected.size(); i++) {
                JsonNode chat = FIXTURE.path("chats").get(i);
                int[] mask = ints(expected.get(i).path("assistant"));
                if (mask.length == 0 || Arrays.stream(mask).sum() == 0) {
                    continue;
                }
                if (mask[0] == 1) {
                    mask[0] = 0; // What nothing precedes carries no loss, in TRL neither.
                }
                TokenizedPair pair =
                        template.tokenize(tokenizer, "chat", ChatTemplateParityTest.chat(chat), LossMask.ASSISTANT);
                assertThat(pair.tokens())
                        .as(name + " " + chat)
                        .isEqualTo(ints(expected.get(i).path("ids")));
                assertThat(learned(pair)).as(name + " " + chat).isEqualTo(mask);
                compared++;
            }
        }
        assertThat(compared).isGreaterThan(15);
    }

    @ParameterizedTest
    @MethodSource("templates")
    void lossIsWhereTrlHasIt(String name) {
        JsonNode fixture = FIXTURE.path("templates").path(name);
        Map<String, LossMask> masks = Map.of(
                "assistant", LossMask.ASSISTANT,
                "all", new LossMask(false, false),
                "completion", new LossMask(false, true),
                "both", new LossMask(true, true));
        try (Tokenizer tokenizer = Tokenizer.read(TOKENIZER);
                PairFormat format = PairFormat.chat(tokenizer, template(name), true, Set.of())) {
            for (int i = 0; i < fixture.path("trl_messages").size(); i++) {
                JsonNode row = fixture.path("trl_messages").get(i);
                Chat chat = Chat.of(ChatTemplateParityTest.maps(row));
                Pair pair = new Pair("p", "d", chat.asked().plain(), "a", chat.answer(), "exact", Map.of(), chat);
                for (Map.Entry<String, LossMask> mask : masks.entrySet()) {
                    JsonNode expected = fixture.path("trl").path(mask.getKey()).get(i);
                    int[] learned = ints(expected.path("learned"));
                    learned[0] = 0;
                    TokenizedPair actual = format.tokenize(pair, mask.getValue());
                    assertThat(actual.tokens()).isEqualTo(ints(expected.path("ids")));
                    assertThat(learned(actual))
                            .as(name + " " + mask + " " + row)
                            .isEqualTo(learned);
                }
            }
        }
    }

    @Test
    void aPromptAloneIsAUsersMessageWhereTextIsWrapped() {
        try (Tokenizer tokenizer = Tokenizer.read(TOKENIZER)) {
            Pair pair = new Pair("p", "math", "1+1=?\n", "2", "So 2", "math", Map.of());
            Chat chat = Chat.user("1+1=?");
            try (ChatTemplate template = template("qwen3_training");
                    PairFormat wrapping = PairFormat.chat(tokenizer, template("qwen3_training"), true, Set.of(7));
                    PairFormat conversations =
                            PairFormat.chat(tokenizer, template("qwen3_training"), false, Set.of(7));
                    PairFormat plain = PairFormat.plain(tokenizer)) {
                assertThat(wrapping.prompt(pair.asked())).isEqualTo(tokenizer.encode(template.render(chat, true)));
                assertThat(wrapping.tokenize(pair, LossMask.ASSISTANT).tokens())
                        .isEqualTo(
                                tokenizer.encode(template.render(chat.with(Chat.message("assistant", "So 2")), false)));
                assertThat(wrapping.length(pair))
                        .isEqualTo(wrapping.tokenize(pair, LossMask.ASSISTANT).length());
                assertThat(conversations.prompt(pair.asked())).isEqualTo(tokenizer.encode("1+1=?\n"));
                assertThat(conversations.prompt(new Asked("", chat))).isEqualTo(wrapping.prompt(pair.asked()));
                assertThat(conversations.tokenize(pair, LossMask.ASSISTANT).tokens())
                        .isEqualTo(plain.tokenize(pair, LossMask.ASSISTANT).tokens());
                assertThat(plain.tokenize(pair, new LossMask(false, false)).promptLength())
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void whatTheTemplateEndsATurnWithEndsAnswers() {
        // The quickstart's tokenizer has <|endoftext|> as an added token.
        try (Tokenizer tokenizer = Tokenizer.read(Path.of("../recipes/quickstart/tokenizer.json"));
                PairFormat format = PairFormat.chat(
                        tokenizer,
                        ChatTemplate.of(
                                "{% for m in messages %}{{ m.role }}: {{ m.content }}\n<|endoftext|>{% endfor %}",
                                Map.of()),
                        true,
                        Set.of())) {
            assertThat(format.stopTokens()).containsExactly(tokenizer.endOfText());
        }
    }

    @Test
    void aRefusedConversationIsNamed() {
        try (Tokenizer tokenizer = Tokenizer.read(TOKENIZER);
                PairFormat format = PairFormat.chat(
                        tokenizer, ChatTemplate.of("{{ raise_exception('no') }}", Map.of()), true, Set.of())) {
            Pair pair = new Pair("p7", "math", "1+1=?\n", "2", "So 2", "math", Map.of());
            assertThatThrownBy(() -> format.tokenize(pair, LossMask.ASSISTANT))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("Pair p7")
                    .hasMessageContaining("no");
        }
    }

    private static ChatTemplate template(String name) {
        return ChatTemplate.of(
                        ChatTemplateParityTest.read(TEMPLATES.resolve(name + ".jinja")),
                        JSON.treeToValue(FIXTURE.path("special_tokens"), new TypeReference<Map<String, String>>() {}))
                .at(CLOCK);
    }

    private static int[] learned(TokenizedPair pair) {
        int[] learned = new int[pair.length()];
        for (int i = 0; i < learned.length; i++) {
            learned[i] = pair.learned()[i] ? 1 : 0;
        }
        return learned;
    }

    private static int[] ints(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
    }

    private static JsonNode fixture() {
        try (InputStream in = Objects.requireNonNull(LossMaskTest.class.getResourceAsStream("masks.json.gz"))) {
            return JSON.readTree(new GZIPInputStream(in));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
