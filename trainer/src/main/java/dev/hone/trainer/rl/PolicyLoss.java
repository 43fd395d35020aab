package dev.hone.trainer.rl;

/**
 * The clipped surrogate of GRPO (Shao et al. 2024, equation 3; the clip is PPO's, Schulman et al. 2017, equation 7; its
 * two bounds are DAPO's, Yu et al. 2025, equation 10), for one token:
 *
 * <pre>
 * ratio  = exp(logprob - old)
 * kl     = exp(reference - logprob) - (reference - logprob) - 1
 * loss   = -min(ratio * A, clip(ratio, 1 - epsilon, 1 + epsilonHigh) * A) + beta * kl
 * </pre>
 *
 * {@code kl} is the estimator k3 of KL(policy, reference) (Schulman 2020, "Approximating KL divergence"): unbiased over
 * tokens drawn from the policy, never negative. The gradient by the token's logprob, which is all that the classifier's
 * backward pass needs:
 *
 * <pre>
 * -d loss / d logprob = (clipped ? 0 : ratio * A) + beta * (exp(reference - logprob) - 1)
 * </pre>
 *
 * @param epsilon how far the ratio may fall where the advantage is negative
 * @param epsilonHigh how far it may rise where the advantage is positive
 * @param beta the weight of the KL divergence; 0 needs no reference
 */
record PolicyLoss(double epsilon, double epsilonHigh, double beta) {

    double loss(double logprob, double old, double reference, double advantage) {
        double ratio = Math.exp(logprob - old);
        double within = Math.min(Math.max(ratio, 1 - epsilon), 1 + epsilonHigh);
        double surrogate = Math.min(ratio * advantage, within * advantage);
        return beta == 0 ? -surrogate : -surrogate + beta * kl(logprob, reference);
    }

    /** {@code -d loss / d logprob}: what to multiply this token's logprob with, so that the gradient is the loss's. */
    double coefficient(double logprob, double old, double reference, double advantage) {
        double surrogate = clipped(logprob, old, advantage) ? 0 : Math.exp(logprob - old) * advantage;
        return beta == 0 ? surrogate : surrogate + beta * (Math.exp(reference - logprob) - 1);
    }

    /** The ratio has gone further than its bound in the direction the advantage pulls: no gradient any more. */
    boolean clipped(double logprob, double old, double advantage) {
        double ratio = Math.exp(logprob - old);
        return advantage > 0 ? ratio > 1 + epsilonHigh : advantage < 0 && ratio < 1 - epsilon;
    }

    static double kl(double logprob, double reference) {
        return Math.exp(reference - logprob) - (reference - logprob) - 1;
    }
}
