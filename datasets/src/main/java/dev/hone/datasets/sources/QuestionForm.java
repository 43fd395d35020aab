package dev.hone.datasets.sources;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.ChatJson;
import dev.hone.datasets.pairs.MalformedPair;
import dev.hone.datasets.pairs.MalformedPair.Kind;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.PairJson;
import dev.hone.datasets.verify.Verifiers;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Rows with a {@code prompt} or {@code messages} and, where they matter, {@code id}, {@code domain}, {@code verifier} and
 * {@code metadata}; other fields, such as an answer, are left aside.
 *
 * @param domain of the rows that do not say
 * @param verifier of the rows that do not say
 */
record QuestionForm(String domain, String verifier) implements RowForm {
    /** Stands for the key that is not known yet. */
    private static final String NO_KEY = "?";

    @Override
    public Pair pair(JsonNode row, String id, String source) {
        Map<String, Object> metadata = new LinkedHashMap<>(PairJson.metadata(row));
        metadata.putIfAbsent("source", source);
        String named = Objects.requireNonNullElse(PairJson.optionalText(row, "verifier"), verifier);
        try {
            Verifiers.named(named);
        } catch (UserError e) {
            throw new MalformedPair(Kind.UNKNOWN, String.valueOf(e.getMessage()));
        }
        return new Pair(
                Objects.requireNonNullElse(PairJson.optionalText(row, "id"), id),
                Objects.requireNonNullElse(PairJson.optionalText(row, "domain"), domain),
                prompt(row),
                NO_KEY,
                null,
                named,
                metadata);
    }

    private static String prompt(JsonNode row) {
        @Nullable String prompt = PairJson.optionalText(row, "prompt");
        if (prompt == null && row.hasNonNull("messages")) {
            return ChatJson.chat(row, "messages").asked().plain();
        }
        if (prompt == null || prompt.isBlank()) {
            throw new MalformedPair(Kind.MISSING, "field \"prompt\" is missing or empty; give it a string");
        }
        return prompt;
    }

    @Override
    public boolean hasIds() {
        return true;
    }
}
