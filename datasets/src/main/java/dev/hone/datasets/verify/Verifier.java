package dev.hone.datasets.verify;

import dev.hone.datasets.pairs.Pair;
import java.util.List;

/** Judges whether a completion answers a pair. Safe for use by several threads. */
public interface Verifier {
    /** The name by which pairs ask for it. */
    String name();

    /** Never throws for what a completion holds: its own failure is a {@link Verdict#failed}. */
    Verdict verify(Pair pair, String completion);

    /**
     * What a completion follows of the instructions of its pair, each by itself; none where a pair has none, or they
     * cannot be read.
     */
    default List<FollowedInstruction> followed(Pair pair, String completion) {
        return List.of();
    }

    /**
     * Whether two completions can be compared by taking the answer of one as the key of the other. Not where a key is no
     * answer (tests, instructions), or a comparison is costly.
     */
    default boolean comparesAnswers() {
        return true;
    }
}
