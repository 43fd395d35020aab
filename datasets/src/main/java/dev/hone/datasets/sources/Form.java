package dev.hone.datasets.sources;

import dev.hone.datasets.pairs.MalformedPair;
import dev.hone.datasets.pairs.MalformedPair.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
            List<Turn> turns = turns(row, "prompt", "role", "content");
            turns.addAll(turns(row, "completion", "role", "content"));
            return conversation(turns);
        }
    },

    /** {@code messages}, a list of {@code role} and {@code content}: that of OpenAI and most chat data. */
    MESSAGES {
        @Override
        Exchange exchange(JsonNode row) {
            return conversation(turns(row, "messages", "role", "content"));
        }
    },

    /** {@code conversations}, a list of {@code from} and {@code value}. */
    SHAREGPT {
        @Override
        Exchange exchange(JsonNode row) {
            return conversation(turns(row, "conversations", "from", "value"));
        }
    };

    private record Turn(String role, String text) {}

    private static final Map<String, String> ROLES = Map.of(
            "human", "user",
            "user", "user",
            "gpt", "assistant",
            "chatgpt", "assistant",
            "assistant", "assistant",
            "model", "assistant",
            "system", "system",
            "developer", "system");

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

    private static List<Turn> turns(JsonNode row, String field, String role, String content) {
        JsonNode list = row.path(field);
        if (!list.isArray() || list.isEmpty()) {
            throw new MalformedPair(
                    Kind.TYPE, "field \"" + field + "\" must be a list of messages; give it at least one");
        }
        List<Turn> turns = new ArrayList<>();
        for (JsonNode message : list) {
            String name = Fields.text(message, role);
            String known = ROLES.get(name.toLowerCase(Locale.ROOT));
            if (known == null) {
                throw new MalformedPair(
                        Kind.FORM,
                        "a message of \"%s\" is from \"%s\"; only user, assistant and system are known"
                                .formatted(field, name));
            }
            turns.add(new Turn(known, Fields.text(message, content)));
        }
        return turns;
    }

    /** The last answer is the response; all before it, with the speakers' names where they are several, the prompt. */
    private static Exchange conversation(List<Turn> turns) {
        Turn last = turns.get(turns.size() - 1);
        if (!last.role().equals("assistant")) {
            throw new MalformedPair(
                    Kind.TYPE,
                    "the last message is the " + last.role()
                            + "'s; it must be the assistant's, so that there is an answer to learn");
        }
        List<Turn> before = turns.subList(0, turns.size() - 1);
        if (before.stream().noneMatch(turn -> turn.role().equals("user"))) {
            throw new MalformedPair(Kind.FORM, "no message is the user's; add what was asked");
        }
        boolean single = before.stream().noneMatch(turn -> turn.role().equals("assistant"));
        StringBuilder prompt = new StringBuilder();
        for (Turn turn : before) {
            prompt.append(prompt.isEmpty() ? "" : "\n\n");
            prompt.append(single || turn.role().equals("system") ? "" : turn.role() + ": ");
            prompt.append(turn.text());
        }
        return new Exchange(prompt.toString(), last.text(), null);
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
