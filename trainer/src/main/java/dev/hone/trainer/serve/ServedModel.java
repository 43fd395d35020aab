package dev.hone.trainer.serve;

import dev.hone.datasets.pairs.Chat;
import dev.hone.datasets.text.ChatTemplate;
import dev.hone.datasets.text.Tokenizer;
import dev.hone.trainer.generate.StopTokens;
import dev.hone.trainer.generate.TextStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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

    /** By which clients ask for it. */
    public String name() {
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
        return defaults.written(Chat.of(messages)).tokens();
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

    /** How pairs write a conversation, for models trained on them: one turn is its text, more carry names. */
    private static final String PLAIN = """
            {% if messages | length == 1 %}{{ messages[0].content }}
            {% else %}{% set single = messages | selectattr('role', 'equalto', 'assistant') | list | length == 0 %}{% for m in messages %}{{ '' if single or m.role == 'system' else m.role + ': ' }}{{ m.content }}{{ '\\n\\n' if not loop.last }}{% endfor %}{{ '\\n' }}{% endif %}""";

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
        boolean plain = template == null && !ChatTemplate.isIn(folder);
        ChatTemplate chat = template != null
                ? ChatTemplate.read(template, folder)
                : plain ? ChatTemplate.of(PLAIN, Map.of()) : ChatTemplate.read(folder);
        return new ServedModel(
                name,
                new CompletionRequest.Defaults(tokenizer, chat, plain, StopTokens.of(folder, tokenizer), maxLength));
    }
}
