package dev.hone.trainer.serve;

import dev.hone.datasets.UserError;
import dev.hone.datasets.text.Chat;
import dev.hone.datasets.text.ChatTemplate;
import dev.hone.datasets.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a server says of its model and takes for granted. */
public final class ServedModel {

    /** Writes tokens as text, piece by piece. */
    public interface Writer {
        String add(int token);

        String end();
    }

    private final String name;
    private final CompletionRequest.Defaults defaults;

    private ServedModel(String name, CompletionRequest.Defaults defaults) {
        this.name = name;
        this.defaults = defaults;
    }

    String name() {
        return name;
    }

    CompletionRequest.Defaults defaults() {
        return defaults;
    }

    /** The tokens any of which ends a message. */
    public Set<Integer> stopTokens() {
        return defaults.stopTokens();
    }

    /** A conversation as the model reads it, up to where it is to go on. */
    public int[] tokens(List<Map<String, @Nullable Object>> messages) {
        return defaults.tokenizer().encode(defaults.template().render(Chat.of(messages), true));
    }

    public Writer writer() {
        TextStream text = new TextStream(defaults.tokenizer());
        return new Writer() {
            @Override
            public String add(int token) {
                return text.add(token);
            }

            @Override
            public String end() {
                return text.end();
            }
        };
    }

    /** How pairs write a conversation, for models trained on them: one message is its text, more carry names. */
    private static final String PLAIN = """
            {% if messages | length == 1 %}{{ messages[0].content }}
            {% else %}{% for m in messages %}{{ '' if m.role == 'system' else m.role + ': ' }}{{ m.content }}{{ '\\n\\n' if not loop.last }}{% endfor %}{{ '\\n' }}{% endif %}""";

    /**
     * Reads what lies beside a model's weights.
     *
     * @param name by which clients ask for it
     * @param folder a Hugging Face folder
     * @param template a chat template to use instead of the folder's; null takes that, or the plain form of pairs
     * @param maxLength tokens of a prompt and its completion, at most
     */
    public static ServedModel of(
            String name, Path folder, Tokenizer tokenizer, @Nullable Path template, int maxLength) {
        ChatTemplate chat = template != null
                ? ChatTemplate.read(template)
                : ChatTemplate.isIn(folder) ? ChatTemplate.read(folder) : ChatTemplate.of(PLAIN, Map.of());
        return new ServedModel(
                name, new CompletionRequest.Defaults(tokenizer, chat, stopTokens(folder, tokenizer), maxLength));
    }

    /** A chat's turn ends with another token than a text, and the folder says with which. */
    private static Set<Integer> stopTokens(Path folder, Tokenizer tokenizer) {
        Set<Integer> tokens = new HashSet<>(Set.of(tokenizer.endOfText()));
        for (String file : new String[] {"generation_config.json", "config.json"}) {
            JsonNode end = json(folder.resolve(file)).path("eos_token_id");
            if (end.isNumber()) {
                tokens.add(end.asInt());
            }
            end.forEach(token -> tokens.add(token.asInt()));
        }
        JsonNode named = json(folder.resolve("tokenizer_config.json")).path("eos_token");
        tokenizer.id(named.path("content").asString(named.asString(""))).ifPresent(tokens::add);
        return tokens;
    }

    private static JsonNode json(Path file) {
        try {
            return Files.exists(file)
                    ? JsonMapper.shared().readTree(Files.readString(file))
                    : JsonMapper.shared().createObjectNode();
        } catch (IOException | JacksonException e) {
            throw new UserError(file + ": not valid JSON (" + e.getMessage() + "); restore the model's file", e);
        }
    }
}
