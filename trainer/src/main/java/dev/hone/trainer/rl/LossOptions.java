package dev.hone.trainer.rl;

import dev.hone.datasets.UserError;

/**
 * What an update minimises; the names are those of TRL's GRPOConfig.
 *
 * @param type what token losses are, and are divided by
 * @param importanceSamplingLevel what a ratio is of; RLOO's is always the completion's
 * @param epsilon how far the ratio may fall below 1
 * @param epsilonHigh how far the ratio may rise above 1; with CISPO the largest weight
 * @param delta the largest ratio where the advantage is negative; 0 is none
 * @param beta weight of the KL divergence from the reference; 0 needs no reference
 * @param klInReward whether the divergence is taken from the reward and not added to the loss
 * @param useBiasCorrectionKl whether the divergence in the loss is multiplied by the ratio, as its gradient should be
 * @param entropyCoef what a nat of the mean entropy of the step's tokens is worth, of any loss type; 0 is no bonus
 * @param importanceSamplingCap largest weight that corrects for rollouts drawn by other kernels than those of training; 0
 *     does not correct
 * @param maskTruncatedCompletions leave completions that ran into the limit out of the loss
 */
public record LossOptions(
        LossType type,
        ImportanceSamplingLevel importanceSamplingLevel,
        double epsilon,
        double epsilonHigh,
        double delta,
        double beta,
        boolean klInReward,
        boolean useBiasCorrectionKl,
        double entropyCoef,
        double importanceSamplingCap,
        boolean maskTruncatedCompletions) {

    /** TRL's. */
    public static final LossOptions DEFAULTS =
            new LossOptions(LossType.DAPO, ImportanceSamplingLevel.TOKEN, 0.2, 0.2, 0, 0, false, true, 0, 0, false);

    public LossOptions {
        require(epsilon > 0 && epsilon < 1, "epsilon", epsilon, "above 0 and below 1");
        require(epsilonHigh > 0, "epsilon_high", epsilonHigh, "above 0");
        require(delta == 0 || delta > 1, "delta", delta, "above 1, or 0 for none");
        require(beta >= 0, "beta", beta, "0 or more");
        require(entropyCoef >= 0, "entropy_coef", entropyCoef, "0 (no bonus) or more");
        require(importanceSamplingCap >= 0, "importance_sampling_cap", importanceSamplingCap, "0 (off) or more");
    }

    /** Whether each token has a ratio of its own. */
    boolean isTokenLevel() {
        return type != LossType.RLOO && importanceSamplingLevel == ImportanceSamplingLevel.TOKEN;
    }

    /** The derivative of a completion's log-ratio by a token's: 1 where it is their sum, less where it is their mean. */
    double spread(int tokens) {
        return type == LossType.RLOO ? 1 : 1.0 / tokens;
    }

    private static void require(boolean holds, String key, double value, String range) {
        if (!holds) {
            throw new UserError(key + " is " + value + " but must be " + range);
        }
    }
}
