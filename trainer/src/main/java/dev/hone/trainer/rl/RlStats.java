package dev.hone.trainer.rl;

import java.util.Map;

/**
 * What one step did.
 *
 * @param reward mean over completions
 * @param rewards mean of each part over the completions it was for, before its weight
 * @param domains mean reward of each domain
 * @param accuracy share of completions the verifier called correct
 * @param loss of the policy, over the step's tokens, at the last iteration
 * @param kl mean over tokens of the k3 estimate of KL(policy, reference); 0 without a reference
 * @param entropy mean over tokens of the policy's entropy, in nats, estimated by the drawn tokens' surprise
 * @param clipFraction share of tokens whose ratio was clipped, over all iterations
 * @param gradNorm before clipping, mean over iterations
 * @param completionLength mean tokens a completion, the stop token included
 * @param clippedShare share of completions that ran into the limit
 * @param rewardStd mean over groups of the standard deviation of their rewards
 * @param degenerateGroups groups in which all rewards were equal
 * @param groups rolled out
 * @param rewardErrors completions whose reward could not be told
 * @param logprobMismatch largest difference between a token's logprob in the rollout and in training; 0 on cpu
 * @param tokens drawn in the rollout
 * @param generateSeconds drawing completions
 * @param verifySeconds having them judged
 * @param scoreSeconds computing log-probabilities by the reference and before the first update
 * @param updateSeconds changing the weights
 * @param idleSeconds all else
 */
public record RlStats(
        double reward,
        Map<String, Double> rewards,
        Map<String, Double> domains,
        double accuracy,
        double loss,
        double kl,
        double entropy,
        double clipFraction,
        double gradNorm,
        double completionLength,
        double clippedShare,
        double rewardStd,
        int degenerateGroups,
        int groups,
        int rewardErrors,
        double logprobMismatch,
        long tokens,
        double generateSeconds,
        double verifySeconds,
        double scoreSeconds,
        double updateSeconds,
        double idleSeconds) {

    /** Seconds of the whole step. */
    public double seconds() {
        return generateSeconds + verifySeconds + scoreSeconds + updateSeconds + idleSeconds;
    }

    /** Tokens drawn a second of the whole step. */
    public double tokensPerSecond() {
        return tokens / Math.max(1e-9, seconds());
    }
}
