package dev.hone.datasets.sources;

import dev.hone.datasets.pairs.MalformedPair;
import dev.hone.datasets.pairs.Pair;
import tools.jackson.databind.JsonNode;

/** How the fields of a row become a pair. */
public interface RowForm {
    /**
     * @param id the pair's, where the row has none of its own
     * @param source the name of the file, for the pair's metadata
     * @throws MalformedPair where the row is not of this form
     */
    Pair pair(JsonNode row, String id, String source);

    /** Whether rows bring their own ids, which may then occur twice. */
    default boolean hasIds() {
        return false;
    }

    /** Pairs as {@link dev.hone.datasets.pairs.PairWriter} writes them. */
    static RowForm pairs() {
        return new PairForm();
    }

    /**
     * Questions without a key: rows with a {@code prompt} or {@code messages} and, where they matter, {@code id}, {@code
     * domain}, {@code verifier} and {@code metadata}; a pair's other fields are left aside. What their pairs have as
     * answers is not one.
     *
     * @param domain of the rows that do not say
     * @param verifier of the rows that do not say
     */
    static RowForm questions(String domain, String verifier) {
        return new QuestionForm(domain, verifier);
    }
}
