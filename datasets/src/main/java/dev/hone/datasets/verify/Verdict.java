package dev.hone.datasets.verify;

import org.jspecify.annotations.Nullable;

/**
 * The judgement of one completion.
 *
 * @param correct whether the completion's answer is that of the pair
 * @param extracted the answer found in the completion; null where there was none
 * @param error why the verifier itself failed, null where it did not; such a completion is neither right nor wrong
 */
public record Verdict(
        boolean correct,
        @Nullable String extracted,
        @Nullable String error) {
    static Verdict of(boolean correct, String extracted) {
        return new Verdict(correct, extracted, null);
    }

    static Verdict noAnswer() {
        return new Verdict(false, null, null);
    }

    static Verdict failed(@Nullable String extracted, String error) {
        return new Verdict(false, extracted, error);
    }
}
