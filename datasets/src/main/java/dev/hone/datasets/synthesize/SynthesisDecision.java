package dev.hone.datasets.synthesize;

import org.jspecify.annotations.Nullable;

/**
 * What became of one variant.
 *
 * @param key what determines it: the reference, the variant, and what was demanded of its solutions
 * @param id the variant's
 * @param parent the id of the task it was made from
 * @param outcome what was decided
 * @param task null where there was none
 * @param answer what its writer claims; null where there was none
 * @param agreement share of the independent solutions that agree with the most frequent answer
 * @param majority that answer; null where it was not solved
 * @param solution the first of them that gives it; null where it was not solved
 */
public record SynthesisDecision(
        String key,
        String id,
        String parent,
        Outcome outcome,
        @Nullable String task,
        @Nullable String answer,
        double agreement,
        @Nullable String majority,
        @Nullable String solution) {
    /** Written in lower case in reports. */
    public enum Outcome {
        KEPT,
        /** The reference says that there is no such task. */
        IMPOSSIBLE,
        /** The reply is not of the form asked for, or was cut off. */
        NO_VARIANT,
        /** The answer stands in the task. */
        GIVES_ANSWER_AWAY,
        /** The verifier refuses the key, or does not refuse a wrong one. */
        NOT_CHECKABLE,
        /** Too like its parent or a variant before it. */
        NEAR_COPY,
        /** Independent solutions do not agree with each other. */
        NO_AGREEMENT,
        /** They agree, on another answer than its writer's. */
        OTHER_ANSWER
    }

    static SynthesisDecision unsolved(
            String key, String id, String parent, Outcome outcome, @Nullable Variant variant) {
        return new SynthesisDecision(
                key,
                id,
                parent,
                outcome,
                variant == null ? null : variant.task(),
                variant == null ? null : variant.answer(),
                0,
                null,
                null);
    }
}
