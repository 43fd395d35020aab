package dev.hone.datasets.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Chat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Against what transformers renders; python/make_chat_fixtures.py says how chats.json.gz was made. */
class ChatTemplateParityTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final JsonNode FIXTURE = fixture();
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-03-07T09:05:02Z"), ZoneOffset.UTC);

    static List<String> templates() {
        return List.copyOf(FIXTURE.path("rendered").propertyNames());
    }

    @ParameterizedTest
    @MethodSource("templates")
    void rendersAsTransformers(String name) {
        Path file = Path.of("src/test/resources/dev/hone/datasets/text/templates", name + ".jinja");
        JsonNode rendered = FIXTURE.path("rendered").path(name);
        SoftAssertions softly = new SoftAssertions();
        String source = read(file);
        try (ChatTemplate template = template(source)) {
            for (int i = 0; i < FIXTURE.path("chats").size(); i++) {
                JsonNode expected = rendered.get(i);
                JsonNode chat = FIXTURE.path("chats").get(i);
                String at = name + " chat " + i + " " + chat;
                boolean prompt = chat.path("add_generation_prompt").asBoolean();
                if (expected.path("text").isNull()) {
                    softly.assertThatThrownBy(() -> template.rendered(chat(chat), prompt))
                            .as("%s refused: %s", at, expected.path("refusal"))
                            .isInstanceOf(UserError.class);
                    continue;
                }
                ChatTemplate.Rendered actual = template.rendered(chat(chat), prompt);
                softly.assertThat(actual.text())
                        .as(at)
                        .isEqualTo(expected.path("text").asString());
                if (expected.has("generated")) {
                    softly.assertThat(actual.generated()).as(at).isEqualTo(spans(expected.path("generated")));
                }
            }
        }
        softly.assertAll();
    }

    @Test
    void constructsMeanWhatTheyMeanInPython() {
        JsonNode constructs = FIXTURE.path("constructs");
        Chat chat = Chat.of(maps(FIXTURE.path("construct_messages")));
        try (ChatTemplate template = template(constructs.path("template").asString())) {
            assertThat(template.render(chat, false))
                    .isEqualTo(constructs.path("text").asString());
        }
        for (JsonNode refused : constructs.path("refused")) {
            try (ChatTemplate template = template(refused.asString())) {
                assertThatThrownBy(() -> template.render(chat, false))
                        .as(refused.asString())
                        .isInstanceOf(UserError.class);
            }
        }
    }

    @Test
    void aRefusalSaysWhatTheTemplateSays() {
        try (ChatTemplate template = template("{{ raise_exception('Roles must alternate') }}")) {
            assertThatThrownBy(() -> template.render(Chat.user("hi"), true))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("Roles must alternate");
        }
    }

    private static ChatTemplate template(String source) {
        return ChatTemplate.of(
                        source,
                        JSON.treeToValue(FIXTURE.path("special_tokens"), new TypeReference<Map<String, String>>() {}))
                .at(CLOCK);
    }

    static Chat chat(JsonNode chat) {
        return new Chat(
                maps(chat.path("messages")),
                maps(chat.path("tools")),
                JSON.treeToValue(chat.path("variables"), new TypeReference<Map<String, @Nullable Object>>() {}));
    }

    static List<Map<String, @Nullable Object>> maps(JsonNode array) {
        List<Map<String, @Nullable Object>> maps = new ArrayList<>();
        array.forEach(node -> maps.add(JSON.treeToValue(node, new TypeReference<Map<String, @Nullable Object>>() {})));
        return maps;
    }

    private static List<TextSpan> spans(JsonNode spans) {
        return StreamSupport.stream(spans.spliterator(), false)
                .map(span -> new TextSpan(span.get(0).asInt(), span.get(1).asInt()))
                .toList();
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode fixture() {
        try (InputStream in =
                Objects.requireNonNull(ChatTemplateParityTest.class.getResourceAsStream("chats.json.gz"))) {
            return JSON.readTree(new GZIPInputStream(in));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
