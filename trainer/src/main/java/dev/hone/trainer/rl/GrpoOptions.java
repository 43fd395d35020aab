package dev.hone.trainer.rl;

import dev.hone.datasets.UserError;

/**
 * How a policy is trained.
 *
 * @param numIterations updates from one rollout
 * @param overlapped of the first so many steps each draws the next one's completions while its own are judged, by weights
 *     one step older than those that learn from them (Noukhovitch et al. 2024, "Asynchronous RLHF"); 0 is off
 */
public record GrpoOptions(
        RolloutOptions rollout, AdvantageOptions advantage, LossOptions loss, int numIterations, long overlapped) {

    public GrpoOptions {
        if (numIterations < 1) {
            throw new UserError("num_iterations is " + numIterations + " but must be 1 or more");
        }
        if (overlapped > 0 && loss.importanceSamplingCap() == 0) {
            throw new UserError(
                    "one_step_off_policy learns from completions of older weights and needs an importance_sampling_cap above 0, such as 2, to correct for them");
        }
    }
}
