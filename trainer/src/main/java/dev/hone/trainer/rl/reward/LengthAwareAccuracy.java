package dev.hone.trainer.rl.reward;

import dev.hone.datasets.UserError;
import org.jspecify.annotations.Nullable;

/**
 * Accuracy that wants correct answers short and wrong ones thought about (Abdin et al. 2025, "Phi-4-reasoning", section
 * 4.1). With {@code L} the completion's tokens and {@code half(p) = (1 + cos(pi * clip(p, 0, 1))) / 2}:
 *
 * <pre>
 * correct:  0.5 + 0.5 * half((L - control) / (max - control))     from 1 down to 0.5
 * wrong:   -0.5 - 0.5 * half(L / wrongControl)                    from -1 up to -0.5
 * not ended by itself: -0.5; thought marks missing or misplaced: -1
 * </pre>
 *
 * @param max tokens at which a correct answer earns least; 31,744 there
 * @param control tokens up to which a correct answer earns 1; 25,600 there
 * @param wrongControl tokens from which a wrong answer is punished least; 3,702 there
 * @param format where thought stands; null where completions have no marks of it
 */
public record LengthAwareAccuracy(
        int max, int control, int wrongControl, @Nullable ThoughtFormat format) implements RewardFunction {

    private static final int PUBLISHED_MAX = 31744;
    private static final int PUBLISHED_CONTROL = 25600;
    private static final int PUBLISHED_WRONG_CONTROL = 3702;

    public LengthAwareAccuracy {
        if (control < 0 || control >= max || wrongControl < 1) {
            throw new UserError("length_aware_accuracy has control_length " + control + ", max_length " + max
                    + " and wrong_control_length " + wrongControl
                    + " but needs 0 <= control_length < max_length and wrong_control_length >= 1");
        }
    }

    /** The published lengths, scaled to completions of at most {@code max} tokens. */
    public static LengthAwareAccuracy scaled(int max, @Nullable ThoughtFormat format) {
        return new LengthAwareAccuracy(
                max,
                (int) ((long) max * PUBLISHED_CONTROL / PUBLISHED_MAX),
                Math.max(1, (int) ((long) max * PUBLISHED_WRONG_CONTROL / PUBLISHED_MAX)),
                format);
    }

    @Override
    public double reward(Sample sample) {
        if (!sample.finished()) {
            return -0.5;
        }
        if (format != null && format.reward(sample) == 0) {
            return -1;
        }
        double length = sample.tokens().length;
        return sample.verdict().correct()
                ? 0.5 + 0.5 * half((length - control) / (max - control))
                : -0.5 - 0.5 * half(length / wrongControl);
    }

    private static double half(double share) {
        return (1 + Math.cos(Math.PI * Math.min(Math.max(share, 0), 1))) / 2;
    }
}
