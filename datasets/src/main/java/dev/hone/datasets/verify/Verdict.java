package dev.hone.datasets.verify;

import org.jspecify.annotations.Nullable;

/**
 * The judgement of one completion.
 *
 * @param correct whether the completion's answer is that of the pair
 * @param extracted the answer found in the completion; null where there was none
 * @param error why the verifier itself failed, null where it did not; such a completion is neither right nor wrong. It
 *     begins with a label of one word: {@code timeout}, {@code sandbox}, {@code server}, {@code judge}, {@code key}
 * @param reason why the answer is not right, where there is more to say than that it differs; null where there is not
 */
public record Verdict(
        boolean correct,
        @Nullable String extracted,
        @Nullable String error,
        @Nullable String reason) {
    public Verdict(boolean correct, @Nullable String extracted, @Nullable String error) {
        this(correct, extracted, error, null);
    }

    static Verdict of(boolean correct, String extracted) {
        return new Verdict(correct, extracted, null);
    }

    static Verdict right(String extracted) {
        return new Verdict(true, extracted, null);
    }

    static Verdict wrong(@Nullable String extracted, String reason) {
        return new Verdict(false, extracted, null, reason);
    }

    static Verdict noAnswer() {
        return new Verdict(false, null, null);
    }

    static Verdict failed(@Nullable String extracted, String error) {
        return new Verdict(false, extracted, error);
    }

    /** One phrase on how it came about, for people. */
    public String explanation() {
        if (error != null) {
            return error;
        }
        if (reason != null) {
            return reason;
        }
        if (correct) {
            return "as the key says";
        }
        return extracted == null ? "no answer found" : "differs from the key";
    }
}
