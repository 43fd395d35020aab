package dev.hone.datasets.pairs;

import dev.hone.datasets.pairs.MalformedPair.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;

/** Reads conversations from rows of data, and refuses what no chat template could write. */
public final class ChatJson {
    private static final TypeReference<LinkedHashMap<String, @Nullable Object>> MAP = new TypeReference<>() {};

    /** The roles chat templates know, and other names of them. */
    private static final Map<String, String> ROLES = Map.ofEntries(
            Map.entry("system", "system"),
            Map.entry("developer", "developer"),
            Map.entry("user", "user"),
            Map.entry("human", "user"),
            Map.entry("assistant", "assistant"),
            Map.entry("gpt", "assistant"),
            Map.entry("chatgpt", "assistant"),
            Map.entry("model", "assistant"),
            Map.entry("tool", "tool"),
            Map.entry("observation", "tool"),
            Map.entry("function", "function"),
            Map.entry("ipython", "ipython"));

    private ChatJson() {}

    /**
     * The conversation of a row: the messages in a field, the functions in {@code tools}, further variables of the
     * template in {@code chat_template_kwargs}.
     *
     * @throws MalformedPair where it is none
     */
    public static Chat chat(JsonNode row, String field) {
        return chat(row, messages(row, field, "role", "content"));
    }

    /** @throws MalformedPair where the row's tools or variables are not what they should be */
    public static Chat chat(JsonNode row, List<Map<String, @Nullable Object>> messages) {
        return new Chat(messages, tools(row.path("tools")), variables(row.path("chat_template_kwargs")));
    }

    /**
     * The messages in a field, a list or the JSON of one as text, with their keys as OpenAI names them.
     *
     * @param role the key of a message's speaker
     * @param content the key of its text
     * @throws MalformedPair where it is no list of messages
     */
    public static List<Map<String, @Nullable Object>> messages(
            JsonNode row, String field, String role, String content) {
        JsonNode list = parsed(row.path(field));
        if (!list.isArray() || list.isEmpty()) {
            throw new MalformedPair(
                    Kind.FORM, "field \"" + field + "\" must be a list of messages; give it at least one");
        }
        List<Map<String, @Nullable Object>> messages = new ArrayList<>();
        for (JsonNode message : list) {
            String name = message.path(role).asString("");
            String known = ROLES.get(name.toLowerCase(Locale.ROOT));
            if (known == null) {
                throw new MalformedPair(
                        Kind.FORM,
                        "a message of \"%s\" is from \"%s\"; only user, assistant, system, developer and tool are known"
                                .formatted(field, name));
            }
            messages.add(message(message, known, role, content));
        }
        return messages;
    }

    /** Tables often hold lists as text. */
    private static JsonNode parsed(JsonNode node) {
        if (!node.isString()) {
            return node;
        }
        try {
            return PairJson.mapper().readTree(node.asString());
        } catch (JacksonException e) {
            return node;
        }
    }

    private static Map<String, @Nullable Object> message(
            JsonNode message, String speaker, String role, String content) {
        Map<String, @Nullable Object> read = new LinkedHashMap<>();
        read.put("role", speaker);
        String text = text(message.path(content), content);
        if (text != null) {
            read.put("content", text);
        }
        plain("messages", message).forEach((key, value) -> {
            if (!key.equals(role) && !key.equals(content) && value != null) {
                read.put(key, value);
            }
        });
        boolean speaks = speaker.equals("user") || speaker.equals("assistant");
        boolean silent =
                (text == null || text.isEmpty()) && read.get("tool_calls") == null && Chat.reasoning(read) == null;
        if (speaks && silent) {
            throw new MalformedPair(
                    Kind.FORM,
                    "field \"" + content + "\" of a message is missing or empty; give it a string, or tool_calls");
        }
        return read;
    }

    /** A message's text, which some write as a list of parts; null where it has none. */
    public static @Nullable String text(JsonNode content, String field) {
        if (content.isMissingNode() || content.isNull()) {
            return null;
        }
        if (content.isValueNode()) {
            return PairJson.writable(field, content.asString());
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode part : content) {
            if (!part.path("type").asString("").equals("text")) {
                throw new MalformedPair(
                        Kind.FORM,
                        "a message has a part of type " + part.path("type")
                                + "; only text can be read, so leave the others out");
            }
            text.append(part.path("text").asString(""));
        }
        return PairJson.writable(field, text.toString());
    }

    /** Some write the list as JSON within a string. */
    private static List<Map<String, @Nullable Object>> tools(JsonNode node) {
        JsonNode list = node;
        if (node.isString()) {
            try {
                list = node.asString().isBlank()
                        ? PairJson.mapper().createArrayNode()
                        : PairJson.mapper().readTree(node.asString());
            } catch (JacksonException e) {
                throw new MalformedPair(
                        Kind.FORM,
                        "field \"tools\" is not valid JSON (" + e.getOriginalMessage()
                                + "); write a list of functions");
            }
        }
        if (list.isMissingNode() || list.isNull()) {
            return List.of();
        }
        if (!list.isArray()) {
            throw new MalformedPair(
                    Kind.FORM, "field \"tools\" must be a list of functions, each with its JSON schema");
        }
        List<Map<String, @Nullable Object>> tools = new ArrayList<>();
        list.forEach(tool -> {
            if (!tool.isObject()) {
                throw new MalformedPair(
                        Kind.FORM, "field \"tools\" must be a list of functions, each with its JSON schema");
            }
            tools.add(plain("tools", tool));
        });
        return tools;
    }

    private static Map<String, @Nullable Object> variables(JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return Map.of();
        }
        if (!node.isObject()) {
            throw new MalformedPair(Kind.FORM, "field \"chat_template_kwargs\" must be an object; write {} for none");
        }
        return plain("chat_template_kwargs", node);
    }

    private static Map<String, @Nullable Object> plain(String field, JsonNode object) {
        Map<String, @Nullable Object> map = PairJson.mapper().treeToValue(object, MAP);
        PairJson.requireWritable(field, map);
        return map;
    }
}
