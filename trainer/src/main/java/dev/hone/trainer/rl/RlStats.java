package dev.hone.trainer.rl;

/**
 * What one step did.
 *
 * @param reward mean over completions
 * @param accuracy share of completions the verifier called correct
 * @param loss of the policy, over the step's tokens, at the last iteration
 * @param kl mean over tokens of the k3 estimate of KL(policy, reference); 0 without a reference
 * @param entropy mean over tokens of the policy's entropy, in nats, estimated by the drawn tokens' surprise
 * @param clipFraction share of tokens whose ratio was clipped, over all iterations
 * @param gradNorm before clipping, mean over iterations
 * @param completionLength mean tokens a completion, the stop token included
 * @param clippedShare share of completions that ran into the limit
 * @param degenerateGroups groups in which all rewards were equal
 * @param verifierErrors completions nothing is known about, because the verifier itself failed
 * @param logprobMismatch largest difference between a token's logprob in the rollout and in training; 0 on cpu
 * @param tokens drawn in the rollout
 */
public record RlStats(
        double reward,
        double accuracy,
        double loss,
        double kl,
        double entropy,
        double clipFraction,
        double gradNorm,
        double completionLength,
        double clippedShare,
        int degenerateGroups,
        int verifierErrors,
        double logprobMismatch,
        long tokens,
        double rolloutSeconds,
        double verifySeconds,
        double updateSeconds) {

    /** Seconds of the whole step. */
    public double seconds() {
        return rolloutSeconds + verifySeconds + updateSeconds;
    }

    /** Tokens drawn a second of the whole step. */
    public double tokensPerSecond() {
        return tokens / Math.max(1e-9, seconds());
    }
}
