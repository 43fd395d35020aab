package dev.hone.trainer.rl;

import dev.hone.datasets.UserError;
import dev.hone.datasets.verify.Verdict;

/**
 * A completion's reward: a weighted sum of named parts, each 0 or 1.
 *
 * @param accuracy weight of: the verifier says the answer is correct
 * @param format weight of: an answer was found where it belongs, and the completion ended by itself
 */
public record Reward(double accuracy, double format) {

    /** Correct answers earn 1, everything else 0. */
    public static final Reward ACCURACY = new Reward(1, 0);

    public Reward {
        if (!(accuracy >= 0 && format >= 0 && accuracy + format > 0)) {
            throw new UserError("The reward's weights are accuracy " + accuracy + " and format " + format
                    + " but must be 0 or more and not both 0");
        }
    }

    /** NaN where the verifier itself failed: that says nothing about the completion. */
    double of(Verdict verdict, boolean finished) {
        if (verdict.error() != null) {
            return Double.NaN;
        }
        return (verdict.correct() ? accuracy : 0) + (verdict.extracted() != null && finished ? format : 0);
    }
}
