package dev.hone.trainer.rl;

import dev.hone.datasets.UserError;

/**
 * How a policy is trained.
 *
 * @param numIterations updates from one rollout
 */
public record GrpoOptions(RolloutOptions rollout, AdvantageOptions advantage, LossOptions loss, int numIterations) {

    public GrpoOptions {
        if (numIterations < 1) {
            throw new UserError("num_iterations is " + numIterations + " but must be 1 or more");
        }
    }
}
