package dev.hone.datasets.sources;

import dev.hone.datasets.pairs.MalformedPair;
import dev.hone.datasets.pairs.MalformedPair.Kind;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads a row's fields as text. A name with dots also reaches into nested objects: {@code reward.ground_truth}. */
final class Fields {
    private static final int SHOWN = 12;

    private Fields() {}

    static String text(JsonNode row, String field) {
        String text = optional(row, field);
        if (text == null || text.isEmpty()) {
            throw new MalformedPair(
                    Kind.MISSING,
                    "field \"" + field + "\" is missing or empty; "
                            + (row.has(field) || row.isEmpty() ? "give it a string" : "the row has " + names(row)));
        }
        return text;
    }

    /** Of a table as wide as may be, enough to see which field is meant. */
    private static String names(JsonNode row) {
        return row.propertyNames().stream().limit(SHOWN).collect(Collectors.joining(", "))
                + (row.size() > SHOWN ? " ..." : "");
    }

    /** Numbers and booleans as they are written; null where there is no such field. */
    static @Nullable String optional(JsonNode row, String field) {
        JsonNode value = at(row, field);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isValueNode()) {
            throw new MalformedPair(
                    Kind.TYPE,
                    "field \"" + field + "\" must be text, not " + (value.isArray() ? "a list" : "an object")
                            + "; name one of its parts, such as \"" + field + ".x\"");
        }
        return value.asString();
    }

    static JsonNode at(JsonNode row, String field) {
        JsonNode value = row.path(field);
        int dot = field.indexOf('.');
        return value.isMissingNode() && dot > 0
                ? at(row.path(field.substring(0, dot)), field.substring(dot + 1))
                : value;
    }
}
