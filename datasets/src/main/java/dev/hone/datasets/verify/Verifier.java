package dev.hone.datasets.verify;

import dev.hone.datasets.pairs.Pair;

/** Judges whether a completion answers a pair. Safe for use by several threads. */
public interface Verifier {
    /** The name by which pairs ask for it. */
    String name();

    /** Never throws for what a completion holds: its own failure is a {@link Verdict#failed}. */
    Verdict verify(Pair pair, String completion);

    /**
     * Whether two completions can be compared by taking the answer of one as the key of the other. Not where a key is no
     * answer (tests, instructions), or a comparison is costly.
     */
    default boolean comparesAnswers() {
        return true;
    }
}
