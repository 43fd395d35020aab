package dev.hone.trainer.optim;

import dev.hone.datasets.UserError;

/**
 * AdamW's constants, under TRL's names.
 *
 * @param maxGradNorm a longer gradient is scaled down to this length; 0 for never
 * @param optim how the moments are kept
 */
public record OptimizerOptions(
        double adamBeta1, double adamBeta2, double adamEpsilon, double weightDecay, double maxGradNorm, Optim optim) {

    /** With moments as floats. */
    public OptimizerOptions(
            double adamBeta1, double adamBeta2, double adamEpsilon, double weightDecay, double maxGradNorm) {
        this(adamBeta1, adamBeta2, adamEpsilon, weightDecay, maxGradNorm, Optim.ADAMW);
    }

    public OptimizerOptions {
        require(adamBeta1 >= 0 && adamBeta1 < 1, "adam_beta1", adamBeta1, "in [0, 1)");
        require(adamBeta2 >= 0 && adamBeta2 < 1, "adam_beta2", adamBeta2, "in [0, 1)");
        require(adamEpsilon > 0, "adam_epsilon", adamEpsilon, "positive");
        require(weightDecay >= 0, "weight_decay", weightDecay, "0 or more");
        require(maxGradNorm >= 0, "max_grad_norm", maxGradNorm, "0 or more");
    }

    private static void require(boolean holds, String key, double value, String range) {
        if (!holds) {
            throw new UserError(key + " is " + value + " but must be " + range);
        }
    }
}
