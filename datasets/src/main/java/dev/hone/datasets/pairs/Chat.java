package dev.hone.datasets.pairs;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A conversation as a chat template takes it. All values are plain JSON: maps, lists, strings, numbers, booleans, null.
 *
 * @param messages in their order; each has a {@code role}, mostly a {@code content}, and what else its template knows,
 *     such as {@code tool_calls} or {@code reasoning_content}
 * @param tools JSON schemas of the functions the model may call; empty for none
 * @param variables further variables of the template, such as {@code enable_thinking} or {@code date_string}
 */
public record Chat(
        List<Map<String, @Nullable Object>> messages,
        List<Map<String, @Nullable Object>> tools,
        Map<String, @Nullable Object> variables) {

    private static final String ASSISTANT = "assistant";

    /** Under which of these names a message's thinking stands depends on who wrote the data. */
    private static final List<String> REASONING = List.of("reasoning_content", "thinking", "reasoning");

    public Chat {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("A conversation needs at least one message");
        }
        messages = messages.stream().map(Chat::withoutNulls).toList();
        tools = List.copyOf(tools);
        variables = Collections.unmodifiableMap(new LinkedHashMap<>(variables));
    }

    /** Messages alone, without tools or further variables. */
    public static Chat of(List<Map<String, @Nullable Object>> messages) {
        return new Chat(messages, List.of(), Map.of());
    }

    /** One question. */
    public static Chat user(String content) {
        return of(List.of(message("user", content)));
    }

    public static Map<String, @Nullable Object> message(String role, String content) {
        Map<String, @Nullable Object> message = new LinkedHashMap<>();
        message.put("role", role);
        message.put("content", content);
        return Collections.unmodifiableMap(message);
    }

    /** The same with one more message at the end. */
    public Chat with(Map<String, @Nullable Object> message) {
        List<Map<String, @Nullable Object>> longer = new ArrayList<>(messages);
        longer.add(message);
        return new Chat(longer, tools, variables);
    }

    /** The conversation up to, and without, message {@code end}. */
    public Chat until(int end) {
        return new Chat(messages.subList(0, end), tools, variables);
    }

    public String role(int index) {
        return String.valueOf(messages.get(index).get("role"));
    }

    /** Whether the last message is an answer. */
    public boolean isAnswered() {
        return role(messages.size() - 1).equals(ASSISTANT);
    }

    /** The conversation without its answer. */
    public Chat asked() {
        return isAnswered() && messages.size() > 1 ? until(messages.size() - 1) : this;
    }

    /** What the last message says; null where it is no answer. */
    public @Nullable String answer() {
        return isAnswered() ? text(messages.get(messages.size() - 1)) : null;
    }

    /**
     * All messages as one text, for models without a chat template: with the speakers' names where the assistant has
     * spoken before.
     */
    public String plain() {
        boolean single = messages.stream().noneMatch(message -> ASSISTANT.equals(message.get("role")));
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < messages.size(); i++) {
            boolean named = !single && !role(i).equals("system") && !role(i).equals("developer");
            plain.append(i == 0 ? "" : "\n\n");
            plain.append(named ? role(i) + ": " : "").append(text(messages.get(i)));
        }
        return plain.toString();
    }

    /** What a message says, its thinking first and its calls of tools last. */
    private static String text(Map<String, @Nullable Object> message) {
        StringBuilder text = new StringBuilder();
        Object thinking = reasoning(message);
        if (thinking != null) {
            text.append("<think>\n").append(thinking).append("\n</think>\n\n");
        }
        text.append(Objects.requireNonNullElse(message.get("content"), ""));
        if (message.get("tool_calls") instanceof List<?> calls) {
            for (Object call : calls) {
                text.append(text.isEmpty() ? "" : "\n").append(PairJson.mapper().writeValueAsString(call));
            }
        }
        return text.toString();
    }

    /** A message's thinking, under whichever name it stands; null for none. */
    public static @Nullable Object reasoning(Map<String, @Nullable Object> message) {
        return REASONING.stream()
                .map(message::get)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** As transformers does: a key whose value is null is no key, whatever a template tests. */
    private static Map<String, @Nullable Object> withoutNulls(Map<String, @Nullable Object> message) {
        Map<String, @Nullable Object> present = new LinkedHashMap<>();
        message.forEach((key, value) -> {
            if (value != null) {
                present.put(key, value);
            }
        });
        return Collections.unmodifiableMap(present);
    }
}
