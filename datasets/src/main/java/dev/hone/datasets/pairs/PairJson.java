package dev.hone.datasets.pairs;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A pair as one line of JSON: fields in one fixed order, keys of metadata sorted, so that equal pairs are equal bytes. */
final class PairJson {
    static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final Set<String> FIELDS =
            Set.of("id", "domain", "prompt", "answer", "response", "verifier", "metadata");

    private PairJson() {}

    static String write(Pair pair) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("id", pair.id());
        line.put("domain", pair.domain());
        line.put("prompt", pair.prompt());
        line.put("answer", pair.answer());
        if (pair.response() != null) {
            line.put("response", pair.response());
        }
        line.put("verifier", pair.verifier());
        if (!pair.metadata().isEmpty()) {
            line.put("metadata", new TreeMap<>(pair.metadata()));
        }
        return MAPPER.writeValueAsString(line);
    }

    /** @throws MalformedPair with what was expected, for the reader to add file and line */
    static Pair read(String line) {
        JsonNode node = object(line);
        for (String field : node.propertyNames()) {
            if (!FIELDS.contains(field)) {
                throw new MalformedPair("unknown field \"" + field + "\"; move it into \"metadata\" or remove it");
            }
        }
        return new Pair(
                text(node, "id"),
                text(node, "domain"),
                text(node, "prompt"),
                text(node, "answer"),
                optionalText(node, "response"),
                text(node, "verifier"),
                metadata(node.path("metadata")));
    }

    static JsonNode object(String line) {
        JsonNode node;
        try {
            node = MAPPER.readTree(line);
        } catch (JacksonException e) {
            throw new MalformedPair(
                    "not valid JSON (" + e.getOriginalMessage() + "); put one JSON object on each line");
        }
        if (!node.isObject()) {
            throw new MalformedPair(
                    "expected a JSON object such as {\"id\": ..., \"prompt\": ...}; put one on each line");
        }
        return node;
    }

    static String text(JsonNode node, String field) {
        String text = optionalText(node, field);
        if (text == null || text.isEmpty()) {
            throw new MalformedPair("field \"" + field + "\" is missing or empty; give it a string");
        }
        return text;
    }

    static @Nullable String optionalText(JsonNode node, String field) {
        JsonNode value = node.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isString()) {
            throw new MalformedPair("field \"" + field + "\" must be a string, not " + value + "; put it in quotes");
        }
        return value.asString();
    }

    private static Map<String, Object> metadata(JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return Map.of();
        }
        if (!node.isObject()) {
            throw new MalformedPair("field \"metadata\" must be a JSON object, not " + node + "; write {} for none");
        }
        Map<String, Object> metadata = new LinkedHashMap<>();
        node.properties()
                .forEach(entry -> metadata.put(entry.getKey(), MAPPER.treeToValue(entry.getValue(), Object.class)));
        return metadata;
    }

    /** A line that is not a pair. */
    static final class MalformedPair extends RuntimeException {
        private static final long serialVersionUID = 1L;

        MalformedPair(String message) {
            super(message);
        }
    }
}
