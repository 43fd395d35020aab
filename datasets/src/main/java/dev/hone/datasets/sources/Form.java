package dev.hone.datasets.sources;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Chat;
import dev.hone.datasets.pairs.ChatJson;
import dev.hone.datasets.pairs.MalformedPair;
import dev.hone.datasets.pairs.MalformedPair.Kind;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The forms in which others publish training data. */
public enum Form {
    /** {@code question}, and {@code answer} whose last line is {@code #### key}. */
    GSM8K {
        @Override
        Exchange exchange(JsonNode row) {
            String solution = Fields.text(row, "answer");
            return new Exchange(Fields.text(row, "question"), solution, AnswerKey.after("####", solution, "answer"));
        }
    },

    /** {@code problem}, and {@code solution} with the key in {@code \boxed}. */
    MATH {
        @Override
        Exchange exchange(JsonNode row) {
            String solution = Fields.text(row, "solution");
            String key = AnswerKey.boxed(solution);
            if (key == null) {
                throw new MalformedPair(Kind.MISSING, "no answer in \\boxed{...} in field \"solution\"; add it");
            }
            return new Exchange(Fields.text(row, "problem"), solution, key);
        }
    },

    /** {@code instruction}, {@code input} where there is one, and {@code output}. */
    ALPACA {
        @Override
        Exchange exchange(JsonNode row) {
            String input = Fields.optional(row, "input");
            String instruction = Fields.text(row, "instruction");
            return new Exchange(
                    input == null || input.isBlank() ? instruction : instruction + "\n\n" + input,
                    Fields.text(row, "output"),
                    null);
        }
    },

    /** {@code prompt} and {@code completion}, each a text or a list of messages. */
    PROMPT_COMPLETION {
        @Override
        Exchange exchange(JsonNode row) {
            JsonNode prompt = row.path("prompt");
            if (!prompt.isArray()) {
                return new Exchange(Fields.text(row, "prompt"), Fields.text(row, "completion"), null);
            }
            List<Map<String, @Nullable Object>> messages = ChatJson.messages(row, "prompt", "role", "content");
            messages.addAll(ChatJson.messages(row, "completion", "role", "content"));
            return conversation(ChatJson.chat(row, messages));
        }
    },

    /** {@code messages}, a list of {@code role} and {@code content}: that of OpenAI and most chat data. */
    MESSAGES {
        @Override
        Exchange exchange(JsonNode row) {
            return conversation(ChatJson.chat(row, "messages"));
        }
    },

    /** {@code conversations}, a list of {@code from} and {@code value}. */
    SHAREGPT {
        @Override
        Exchange exchange(JsonNode row) {
            return conversation(ChatJson.chat(row, ChatJson.messages(row, "conversations", "from", "value")));
        }
    };

    abstract Exchange exchange(JsonNode row);

    /**
     * @param answerAfter the key is what follows the last of these in the response; null takes the answer the form or
     *     the response marks
     * @param template the text the model sees; <code>{prompt}</code> stands for what is asked
     */
    public RowForm form(@Nullable String answerAfter, String template, String domain, String verifier) {
        return new MappedForm(this::exchange, answerAfter, template, domain, verifier);
    }

    /** As recipes write it: {@code prompt_completion}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The last answer is the response, all before it the prompt. */
    private static Exchange conversation(Chat chat) {
        if (!chat.isAnswered()) {
            throw new MalformedPair(
                    Kind.FORM,
                    "the last message is the " + chat.role(chat.messages().size() - 1)
                            + "'s; it must be the assistant's, so that there is an answer to learn");
        }
        Chat asked = chat.asked();
        if (asked.messages().stream().noneMatch(message -> "user".equals(message.get("role")))) {
            throw new MalformedPair(Kind.FORM, "no message is the user's; add what was asked");
        }
        return new Exchange(asked.plain(), chat.answer(), null, chat);
    }

    /** @throws UserError where there is none of that name; names the nearest */
    public static Form required(String key) {
        Form form = named(key);
        if (form == null) {
            throw UserError.unknownName(
                    "form", key, Arrays.stream(values()).map(Form::key).collect(Collectors.toSet()));
        }
        return form;
    }

    /** The form of that name; null where there is none. */
    public static @Nullable Form named(String key) {
        for (Form form : values()) {
            if (form.key().equals(key)) {
                return form;
            }
        }
        return null;
    }
}
