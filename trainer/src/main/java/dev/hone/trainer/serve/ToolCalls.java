package dev.hone.trainer.serve;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * OpenAI's clients send the arguments of an assistant's calls as JSON in a string; chat templates take objects
 * (transformers' documentation of tool use), and would write such a string as a string once more.
 */
final class ToolCalls {

    private ToolCalls() {}

    /** Puts objects in the place of such strings, and of arguments that are missing or empty an empty object. */
    static void parseArguments(Map<String, @Nullable Object> message) {
        if ("assistant".equals(message.get("role")) && message.get("tool_calls") instanceof List<?> calls) {
            List<@Nullable Object> parsed = new ArrayList<>();
            calls.forEach(call -> parsed.add(call instanceof Map<?, ?> map ? call(map) : call));
            message.put("tool_calls", parsed);
        }
    }

    private static Map<?, ?> call(Map<?, ?> call) {
        if (!(call.get("function") instanceof Map<?, ?> function)) {
            return call;
        }
        Map<Object, @Nullable Object> read = new LinkedHashMap<>(function);
        read.put("arguments", arguments(function.get("arguments"), function.get("name")));
        Map<Object, @Nullable Object> copy = new LinkedHashMap<>(call);
        copy.put("function", read);
        return copy;
    }

    private static Object arguments(@Nullable Object arguments, @Nullable Object name) {
        if (arguments == null || "".equals(arguments)) {
            return Map.of();
        }
        if (!(arguments instanceof String text)) {
            return arguments;
        }
        try {
            return JsonMapper.shared().readValue(text, Object.class);
        } catch (JacksonException e) {
            throw ApiError.invalid(
                    "messages",
                    "The arguments of a call of the tool \"" + name + "\" are not valid JSON (" + e.getOriginalMessage()
                            + "); send a JSON object in a string");
        }
    }
}
