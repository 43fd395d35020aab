package dev.hone.datasets.reference;

import org.jspecify.annotations.Nullable;

/**
 * What became of a question that a reference model was to answer.
 *
 * @param key what determines it: the reference, all it was asked, and what was demanded of its answers
 * @param id the question's
 * @param outcome what was decided
 * @param answer the key, or the most frequent answer that was not enough; null where no answer was found
 * @param agreement share of the reference's answers that gave it
 * @param answers how many answers were asked for
 * @param distinct how many different ones came
 * @param solution the first of the reference's solutions that gives the answer; null where none does
 */
public record KeyDecision(
        String key,
        String id,
        Outcome outcome,
        @Nullable String answer,
        double agreement,
        int answers,
        int distinct,
        @Nullable String solution) {
    /** Written in lower case in reports. */
    public enum Outcome {
        KEYED,
        NO_AGREEMENT,
        NO_ANSWER
    }

    static KeyDecision of(String key, String id, Consensus consensus, double threshold) {
        Outcome outcome = consensus.answer() == null
                ? Outcome.NO_ANSWER
                : consensus.agreement() >= threshold ? Outcome.KEYED : Outcome.NO_AGREEMENT;
        return new KeyDecision(
                key,
                id,
                outcome,
                consensus.answer(),
                consensus.agreement(),
                consensus.answers(),
                consensus.distinct(),
                consensus.solution());
    }
}
