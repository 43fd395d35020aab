package dev.hone.datasets.text;

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

    private static final List<String> REASONING = List.of("reasoning_content", "thinking", "reasoning");

    public Chat {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("A conversation needs at least one message");
        }
        messages = messages.stream().map(Chat::normal).toList();
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
    Chat until(int end) {
        return new Chat(messages.subList(0, end), tools, variables);
    }

    String role(int index) {
        return String.valueOf(messages.get(index).get("role"));
    }

    /**
     * As transformers does: a key whose value is null is no key, whatever a template tests, and reasoning is found under
     * each of the names templates look for.
     */
    private static Map<String, @Nullable Object> normal(Map<String, @Nullable Object> message) {
        Map<String, @Nullable Object> normal = new LinkedHashMap<>();
        message.forEach((key, value) -> {
            if (value != null) {
                normal.put(key, value);
            }
        });
        REASONING.stream().map(normal::get).filter(Objects::nonNull).findFirst().ifPresent(reasoning -> {
            normal.putIfAbsent("thinking", reasoning);
            normal.put("reasoning_content", reasoning);
        });
        return Collections.unmodifiableMap(normal);
    }
}
