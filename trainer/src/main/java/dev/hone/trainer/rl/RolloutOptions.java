package dev.hone.trainer.rl;

import dev.hone.datasets.UserError;
import dev.hone.trainer.generate.SamplingOptions;
import java.util.Set;

/**
 * How completions are drawn; the names are those of TRL's GRPOConfig where it has them.
 *
 * @param promptsPerStep prompts an optimizer step rolls out
 * @param numGenerations completions a prompt: the group; at least 2
 * @param maxCompletionLength tokens a completion, at most
 * @param temperature of the rollout, and of the policy that is trained
 * @param topK 0 is off
 * @param topP 1 is off
 * @param minP 0 is off
 * @param maxSamplingRounds above 1, groups whose rewards are all equal are replaced by those of further prompts, as often
 *     as this (Yu et al. 2025, "DAPO", section 3.2, dynamic sampling)
 * @param maxRewardFailures share of a step's completions whose reward may fail before the run stops
 * @param seed what the samples follow from, with the step
 */
public record RolloutOptions(
        int promptsPerStep,
        int numGenerations,
        int maxCompletionLength,
        double temperature,
        int topK,
        double topP,
        double minP,
        int maxSamplingRounds,
        double maxRewardFailures,
        long seed) {

    public RolloutOptions {
        require(promptsPerStep >= 1, "prompts_per_step", promptsPerStep, "1 or more");
        require(numGenerations >= 2, "num_generations", numGenerations, "2 or more: advantages compare completions");
        require(maxCompletionLength >= 1, "max_completion_length", maxCompletionLength, "1 or more");
        require(temperature > 0, "temperature", temperature, "above 0: a group of equal completions teaches nothing");
        require(maxSamplingRounds >= 1, "max_sampling_rounds", maxSamplingRounds, "1 (off) or more");
        require(
                maxRewardFailures >= 0 && maxRewardFailures <= 1,
                "max_reward_failures",
                maxRewardFailures,
                "from 0 to 1");
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
