package dev.hone.datasets.synthesize;

import org.jspecify.annotations.Nullable;

/**
 * What became of one variant.
 *
 * @param id the variant's
 * @param parent the id of the task it was made from
 * @param outcome what was decided
 * @param task null where there was none
 * @param answer what its writer claims; null where there was none
 * @param agreement share of the independent solutions that agree with the most frequent answer
 * @param majority that answer; null where it was not solved
 */
public record SynthesisDecision(
        String id,
        String parent,
        Outcome outcome,
        @Nullable String task,
        @Nullable String answer,
        double agreement,
        @Nullable String majority) {
    /** Written in lower case in reports. */
    public enum Outcome {
        KEPT,
        /** The reference says there is no such task, or does not keep to the form. */
        NO_VARIANT,
        /** The answer stands in the task. */
        GIVES_ANSWER_AWAY,
        /** The verifier refuses the key, or takes a wrong one. */
        NOT_CHECKABLE,
        /** Too like its parent or a variant before it. */
        NEAR_COPY,
        /** Independent solutions do not agree with each other. */
        NO_AGREEMENT,
        /** They agree, on another answer than its writer's. */
        OTHER_ANSWER
    }

    static SynthesisDecision unsolved(String id, String parent, Outcome outcome, @Nullable Variant variant) {
        return new SynthesisDecision(
                id,
                parent,
                outcome,
                variant == null ? null : variant.task(),
                variant == null ? null : variant.answer(),
                0,
                null);
    }
}
