package dev.hone.trainer.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.text.ChatTemplate;
import dev.hone.datasets.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class ToolCallsTest {

    private static final String CHAT =
            "{\"messages\": [{\"role\": \"user\", \"content\": \"Weather?\"}, {\"role\": \"assistant\", \"content\": null, \"tool_calls\": [{\"id\": \"1\", \"type\": \"function\", \"function\": {\"name\": \"w\"%s}}]}, {\"role\": \"tool\", \"tool_call_id\": \"1\", \"content\": \"21\"}]}";

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            qwen2_5 | , "arguments": "{\\"city\\": \\"Paris\\", \\"days\\": [1, 2.0], \\"sure\\": true}" | {"name": "w", "arguments": {"city": "Paris", "days": [1, 2.0], "sure": true}}
            qwen3   | , "arguments": "{\\"city\\": \\"Zürich\\"}"                                         | {"name": "w", "arguments": {"city": "Zürich"}}
            qwen3   | , "arguments": {"city": "Paris"}                                                    | {"name": "w", "arguments": {"city": "Paris"}}
            qwen2_5 | , "arguments": ""                                                                   | {"name": "w", "arguments": {}}
            qwen2_5 |                                                                                     | {"name": "w", "arguments": {}}
            """)
    void templatesGetObjects(String template, String arguments, String written) throws IOException {
        assertThat(prompt(template, arguments == null ? "" : arguments))
                .contains("<tool_call>\n" + written + "\n</tool_call>");
    }

    @Test
    void whatIsNoJsonIsRefused() {
        assertThatThrownBy(() -> prompt("qwen3", ", \"arguments\": \"{city: Paris\""))
                .isInstanceOf(ApiError.class)
                .hasMessageContaining("arguments of a call of the tool \"w\" are not valid JSON");
    }

    private static String prompt(String template, String arguments) throws IOException {
        Path file = Path.of("../datasets/src/test/resources/dev/hone/datasets/text/templates")
                .resolve(template + ".jinja");
        try (Tokenizer tokenizer = Tokenizer.read(Path.of("../recipes/gsm8k/tokenizer.json"));
                ChatTemplate chat = ChatTemplate.of(Files.readString(file), Map.of())) {
            CompletionRequest.Defaults defaults =
                    new CompletionRequest.Defaults(tokenizer, chat, false, Set.of(0), 4096);
            return CompletionRequest.ofChat(JsonMapper.shared().readTree(CHAT.formatted(arguments)), defaults)
                    .prompts()
                    .get(0)
                    .text();
        }
    }
}
