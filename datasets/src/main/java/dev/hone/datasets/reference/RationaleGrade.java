package dev.hone.datasets.reference;

import org.jspecify.annotations.Nullable;

/**
 * A judge's opinion of one attempt's reasoning.
 *
 * @param key what determines it: the judge and all it was shown
 * @param id the pair's
 * @param attempt the attempt's number, from 0
 * @param outcome whether there is a score
 * @param score from 0 (worthless) to 1 (flawless); null where it is unclear
 * @param said all the judge said
 */
public record RationaleGrade(
        String key,
        String id,
        int attempt,
        Outcome outcome,
        @Nullable Double score,
        String said) {
    /** Whether a judge gave a score as it was asked to. */
    public enum Outcome {
        GRADED,
        UNCLEAR
    }
}
