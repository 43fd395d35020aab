package dev.hone.benchmarks;

import dev.hone.datasets.pairs.MalformedPair;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Text with the fields of a row in braces: {@code "{question}\n"}. */
final class RowTemplate {

    /** A name, or several of which the first that is there counts; other braces, as in LaTeX, are text. */
    private static final Pattern FIELD = Pattern.compile("\\{([A-Za-z_][\\w. |]*)}");

    private RowTemplate() {}

    /** Throws {@link MalformedPair} where a field is not there, or is no text, number or list of these. */
    static String fill(String template, JsonNode row) {
        return FIELD.matcher(template).replaceAll(field -> {
            JsonNode value = value(row, field.group(1));
            if (value == null) {
                throw new MalformedPair(MalformedPair.Kind.MISSING, "has no field '" + field.group(1) + "'");
            }
            return Matcher.quoteReplacement(text(value, field.group(1)));
        });
    }

    /** The field's value, a name with dots reaching into objects; null where there is none. */
    static @Nullable JsonNode value(JsonNode row, String names) {
        for (String name : names.split("\\|")) {
            JsonNode value = row.path(name.strip());
            if (value.isMissingNode()) {
                value = row;
                for (String part : name.strip().split("\\.")) {
                    value = value.path(part);
                }
            }
            if (!value.isMissingNode() && !value.isNull()) {
                return value;
            }
        }
        return null;
    }

    /** Some files write whole numbers as 27.0. */
    private static String text(JsonNode value, String field) {
        if (value.isNumber()) {
            return value.decimalValue().stripTrailingZeros().toPlainString();
        }
        if (value.isArray()) {
            List<String> lines = new ArrayList<>();
            value.forEach(item -> lines.add(text(item, field)));
            return String.join("\n", lines);
        }
        if (!value.isString() && !value.isBoolean()) {
            throw new MalformedPair(
                    MalformedPair.Kind.TYPE, "has an object in field '" + field + "'; name one of its parts");
        }
        return value.asString();
    }
}
