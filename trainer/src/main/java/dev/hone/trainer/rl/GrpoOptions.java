package dev.hone.trainer.rl;

import dev.hone.datasets.UserError;
import dev.hone.trainer.generate.SamplingOptions;
import java.util.Set;

/**
 * How GRPO trains; the names are those of TRL's GRPOConfig, and so are the defaults.
 *
 * @param promptsPerStep prompts an optimizer step rolls out
 * @param numGenerations completions a prompt: the group; at least 2
 * @param maxCompletionLength tokens a completion, at most
 * @param temperature of the rollout, and of the policy that is trained
 * @param topK 0 is off
 * @param topP 1 is off
 * @param minP 0 is off
 * @param beta weight of the KL divergence from the reference; 0 needs no reference
 * @param epsilon how far the ratio may fall
 * @param epsilonHigh how far the ratio may rise
 * @param numIterations updates from one rollout
 * @param scaleRewards what rewards are divided by
 * @param lossType what the token losses are divided by
 * @param maskTruncatedCompletions leave completions that ran into the limit out of the loss
 * @param skipDegenerateGroups leave groups whose rewards are all equal out of the loss's divisor too (TRL does not)
 * @param reward what a completion earns
 * @param seed what the samples follow from, with the step
 */
public record GrpoOptions(
        int promptsPerStep,
        int numGenerations,
        int maxCompletionLength,
        double temperature,
        int topK,
        double topP,
        double minP,
        double beta,
        double epsilon,
        double epsilonHigh,
        int numIterations,
        ScaleRewards scaleRewards,
        LossType lossType,
        boolean maskTruncatedCompletions,
        boolean skipDegenerateGroups,
        Reward reward,
        long seed) {

    /** TRL's, with 8 prompts a step. */
    public static final GrpoOptions DEFAULTS = new GrpoOptions(
            8, 8, 256, 1, 0, 1, 0, 0, 0.2, 0.2, 1, ScaleRewards.GROUP, LossType.DAPO, false, false, Reward.ACCURACY, 0);

    public GrpoOptions {
        require(promptsPerStep >= 1, "prompts_per_step", promptsPerStep, "1 or more");
        require(numGenerations >= 2, "num_generations", numGenerations, "2 or more: advantages compare completions");
        require(maxCompletionLength >= 1, "max_completion_length", maxCompletionLength, "1 or more");
        require(temperature > 0, "temperature", temperature, "above 0: a group of equal completions teaches nothing");
        require(beta >= 0, "beta", beta, "0 or more");
        require(epsilon > 0 && epsilon < 1, "epsilon", epsilon, "above 0 and below 1");
        require(epsilonHigh > 0, "epsilon_high", epsilonHigh, "above 0");
        require(numIterations >= 1, "num_iterations", numIterations, "1 or more");
    }

    SamplingOptions sampling(Set<Integer> stopTokens) {
        return new SamplingOptions(temperature, topK, topP, minP, maxCompletionLength, stopTokens);
    }

    private static void require(boolean holds, String key, Number value, String range) {
        if (!holds) {
            throw new UserError(key + " is " + value + " but must be " + range);
        }
    }
}
