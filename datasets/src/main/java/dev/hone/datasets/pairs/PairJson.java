package dev.hone.datasets.pairs;

import dev.hone.datasets.pairs.MalformedPair.Kind;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A pair as one line of JSON: fields in one fixed order, keys of metadata sorted, so that equal pairs are equal bytes. */
public final class PairJson {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            // Double.toString gives other digits before JDK 19 than after it, and a dataset's hash must not.
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
            .build();

    private static final String MESSAGES = "messages";
    private static final String TOOLS = "tools";
    private static final String VARIABLES = "chat_template_kwargs";

    private static final Set<String> FIELDS =
            Set.of("id", "domain", "prompt", MESSAGES, TOOLS, VARIABLES, "answer", "response", "verifier", "metadata");

    /** Longest value shown in a message. */
    private static final int SHOWN = 80;

    private PairJson() {}

    /** Refuses what is ambiguous: duplicate fields, and anything after the value. */
    public static JsonMapper mapper() {
        return MAPPER;
    }

    static String write(Pair pair) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("id", pair.id());
        line.put("domain", pair.domain());
        line.put("prompt", pair.prompt());
        Chat chat = pair.chat();
        if (chat != null) {
            // Not sorted: templates write objects in the order of their keys.
            line.put(MESSAGES, chat.messages());
            if (!chat.tools().isEmpty()) {
                line.put(TOOLS, chat.tools());
            }
            if (!chat.variables().isEmpty()) {
                line.put(VARIABLES, chat.variables());
            }
        }
        line.put("answer", pair.answer());
        if (pair.response() != null) {
            line.put("response", pair.response());
        }
        line.put("verifier", pair.verifier());
        if (!pair.metadata().isEmpty()) {
            line.put("metadata", sorted(pair.metadata()));
        }
        return MAPPER.writeValueAsString(line);
    }

    static Object sorted(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> keys = new TreeMap<>();
            map.forEach((key, element) -> keys.put(String.valueOf(key), sorted(element)));
            return keys;
        }
        return value instanceof Collection<?> list
                ? list.stream().map(PairJson::sorted).toList()
                : value;
    }

    /** @throws MalformedPair with what was expected, for the reader to add file and line */
    static Pair read(String line) {
        return pair(object(line));
    }

    /** @throws MalformedPair where the object is no pair */
    public static Pair pair(JsonNode node) {
        for (String field : node.propertyNames()) {
            if (!FIELDS.contains(field)) {
                throw new MalformedPair(
                        Kind.UNKNOWN, "unknown field \"" + field + "\"; move it into \"metadata\" or remove it");
            }
        }
        @Nullable Chat chat = chat(node);
        return new Pair(
                text(node, "id"),
                text(node, "domain"),
                chat == null || node.has("prompt")
                        ? text(node, "prompt")
                        : chat.asked().plain() + "\n",
                text(node, "answer"),
                response(node, chat),
                text(node, "verifier"),
                metadata(node),
                chat);
    }

    private static @Nullable Chat chat(JsonNode node) {
        if (node.hasNonNull(MESSAGES)) {
            return ChatJson.chat(node, MESSAGES);
        }
        for (String field : new String[] {TOOLS, VARIABLES}) {
            if (node.has(field)) {
                throw new MalformedPair(
                        Kind.FORM, "field \"" + field + "\" belongs to a conversation; give \"messages\" or remove it");
            }
        }
        return null;
    }

    private static @Nullable String response(JsonNode node, @Nullable Chat chat) {
        String response = optionalText(node, "response");
        String answer = chat == null ? null : chat.answer();
        if (response != null && answer != null && !response.equals(answer)) {
            throw new MalformedPair(
                    Kind.FORM, "field \"response\" differs from the last of \"messages\"; keep one of the two");
        }
        return response == null ? answer : response;
    }

    /** @throws MalformedPair where the text is not one JSON object */
    public static JsonNode object(String line) {
        return object(line, MAPPER);
    }

    /**
     * As another mapper reads it.
     *
     * @throws MalformedPair where the text is not one JSON object
     */
    public static JsonNode object(String line, JsonMapper mapper) {
        JsonNode node;
        try {
            node = mapper.readTree(line);
        } catch (JacksonException e) {
            throw new MalformedPair(
                    Kind.SYNTAX, "not valid JSON (" + e.getOriginalMessage() + "); put one JSON object on each line");
        }
        if (!node.isObject()) {
            throw new MalformedPair(
                    Kind.SYNTAX, "expected a JSON object such as {\"id\": ..., \"prompt\": ...}; put one on each line");
        }
        return node;
    }

    static String text(JsonNode node, String field) {
        String text = optionalText(node, field);
        if (text == null || text.isEmpty()) {
            throw new MalformedPair(Kind.MISSING, "field \"" + field + "\" is missing or empty; give it a string");
        }
        return text;
    }

    /**
     * A field's text; null where there is no such field.
     *
     * @throws MalformedPair where it is no text, or one that cannot be written
     */
    public static @Nullable String optionalText(JsonNode node, String field) {
        JsonNode value = node.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isString()) {
            throw new MalformedPair(
                    Kind.TYPE, "field \"" + field + "\" must be a string, not " + shown(value) + "; put it in quotes");
        }
        return writable(field, value.asString());
    }

    /**
     * The text, where it can be written: escapes in JSON can spell what no UTF-8 file can hold, and NUL ends texts in other
     * programs.
     *
     * @throws MalformedPair where it cannot
     */
    public static String writable(String field, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean half = Character.isSurrogate(c);
            if (half && i + 1 < text.length() && Character.isSurrogatePair(c, text.charAt(i + 1))) {
                i++;
            } else if (half || c == 0) {
                throw new MalformedPair(
                        Kind.CHARACTER,
                        "field \"%s\" holds %s at character %d; remove it"
                                .formatted(field, half ? "half a surrogate pair" : "a NUL character", i));
            }
        }
        return text;
    }

    /** @throws MalformedPair where a text within cannot be written, see {@link #writable(String, String)} */
    static void requireWritable(String field, @Nullable Object value) {
        if (value instanceof String text) {
            writable(field, text);
        } else if (value instanceof Map<?, ?> map) {
            map.forEach((key, element) -> {
                writable(field, (String) key);
                requireWritable(field, element);
            });
        } else if (value instanceof Collection<?> list) {
            list.forEach(element -> requireWritable(field, element));
        }
    }

    private static String shown(JsonNode value) {
        String text = value.toString();
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
    }

    /**
     * The object {@code metadata}, empty where there is none.
     *
     * @throws MalformedPair where it is no object, or holds what cannot be written
     */
    public static Map<String, Object> metadata(JsonNode row) {
        JsonNode node = row.path("metadata");
        if (node.isMissingNode() || node.isNull()) {
            return Map.of();
        }
        if (!node.isObject()) {
            throw new MalformedPair(
                    Kind.TYPE, "field \"metadata\" must be a JSON object, not " + shown(node) + "; write {} for none");
        }
        Map<String, Object> metadata = new LinkedHashMap<>();
        node.properties()
                .forEach(entry -> metadata.put(entry.getKey(), MAPPER.treeToValue(entry.getValue(), Object.class)));
        requireWritable("metadata", metadata);
        return metadata;
    }
}
