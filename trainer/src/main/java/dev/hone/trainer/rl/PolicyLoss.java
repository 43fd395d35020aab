package dev.hone.trainer.rl;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The losses of policy gradients and their slopes, for the tokens of one completion. With {@code r} the probability ratio
 * of a token or of the completion, {@code A} the completion's advantage and {@code c} a token's importance weight:
 *
 * <pre>
 * loss of a token = c * surrogate(r, A) + beta * kl
 * </pre>
 *
 * The names are those of TRL's GRPOConfig, and so are the formulas; {@code PolicyLossTest} compares both.
 */
final class PolicyLoss {

    /** A value and its derivative. */
    record Slope(double value, double slope) {}

    /**
     * One completion's losses.
     *
     * @param losses {@code [tokens]}
     * @param slopes {@code [tokens]}: the derivative of the sum of losses by each token's log-probability
     * @param clipped tokens whose ratio has gone further than its bound, where the advantage pulls
     * @param kl sum over tokens of the k3 estimate; 0 without a reference
     */
    record Tokens(double[] losses, double[] slopes, int clipped, double kl) {}

    private PolicyLoss() {}

    /**
     * @param logprobs {@code [tokens]}, by the policy as it is now
     * @param old {@code [tokens]}, by the policy that the ratio is taken to
     * @param reference {@code [tokens]}; null where nothing is held to one
     * @param corrections {@code [tokens]}, see {@link #correction}; null for 1
     */
    static Tokens of(
            LossOptions options,
            double advantage,
            float[] logprobs,
            float[] old,
            float @Nullable [] reference,
            double @Nullable [] corrections) {
        int tokens = logprobs.length;
        double[] losses = new double[tokens];
        double[] slopes = new double[tokens];
        double kl = 0;
        int clipped = 0;
        double[] ratios = ratios(options, logprobs, old);
        // A ratio of the whole completion moves with each of its tokens.
        double spread = options.spread(tokens);
        double throughSequence = 0;
        for (int t = 0; t < tokens; t++) {
            double correction = corrections == null ? 1 : corrections[t];
            Slope surrogate = surrogate(options, ratios[t], advantage, logprobs[t]);
            double share = options.type() == LossType.RLOO ? 1.0 / tokens : 1;
            losses[t] = correction * share * surrogate.value();
            if (options.type() == LossType.CISPO || options.isTokenLevel()) {
                slopes[t] = correction * surrogate.slope();
            } else {
                throughSequence += correction * share * surrogate.slope() * spread;
            }
            clipped += clipped(options, ratios[t], advantage) ? 1 : 0;
            if (reference != null) {
                Slope k3 = k3(logprobs[t], reference[t]);
                kl += k3.value();
                double bias = options.useBiasCorrectionKl() ? ratios[t] : 1;
                losses[t] += options.beta() * k3.value() * bias;
                slopes[t] += options.beta() * k3.slope() * bias;
                double byRatio = options.useBiasCorrectionKl() ? options.beta() * k3.value() * ratios[t] : 0;
                if (options.isTokenLevel()) {
                    slopes[t] += byRatio;
                } else {
                    throughSequence += byRatio * spread;
                }
            }
        }
        for (int t = 0; t < tokens; t++) {
            slopes[t] += throughSequence;
        }
        return new Tokens(losses, slopes, clipped, kl);
    }

    /**
     * {@code exp(logprob - old)} of each token, or the same number at each: its geometric mean over the completion (Zheng
     * et al. 2025, "Group Sequence Policy Optimization", equation 7), or its product (RLOO).
     */
    static double[] ratios(LossOptions options, float[] logprobs, float[] old) {
        double[] ratios = new double[logprobs.length];
        double sum = 0;
        for (int t = 0; t < ratios.length; t++) {
            ratios[t] = Math.exp((double) logprobs[t] - old[t]);
            sum += (double) logprobs[t] - old[t];
        }
        if (!options.isTokenLevel()) {
            Arrays.fill(ratios, Math.exp(sum * options.spread(ratios.length)));
        }
        return ratios;
    }

    /** A token's loss but for the divergence; the slope is that by the token's log-ratio. */
    static Slope surrogate(LossOptions options, double ratio, double advantage, double logprob) {
        return options.type() == LossType.CISPO
                ? cispo(ratio, advantage, options.epsilonHigh(), logprob)
                : clip(ratio, advantage, options.epsilon(), options.epsilonHigh(), options.delta());
    }

    /**
     * {@code -min(min(r, delta) * A, clip(r, 1 - epsilon, 1 + epsilonHigh) * A)}: PPO's clip (Schulman et al. 2017,
     * equation 7) as GRPO takes it (Shao et al. 2024, equation 3), with DAPO's two bounds (Yu et al. 2025, equation 10)
     * and INTELLECT-2's bound on ratios of a negative advantage (Prime Intellect 2025, section 3.4).
     *
     * @param delta 0 for none
     */
    static Slope clip(double ratio, double advantage, double epsilon, double epsilonHigh, double delta) {
        boolean capped = delta > 0 && ratio > delta;
        double free = (capped ? delta : ratio) * advantage;
        double within = Math.min(Math.max(ratio, 1 - epsilon), 1 + epsilonHigh) * advantage;
        boolean outside = ratio < 1 - epsilon || ratio > 1 + epsilonHigh;
        boolean flat = within < free ? outside : capped;
        return new Slope(-Math.min(free, within), flat ? 0 : -ratio * advantage);
    }

    /**
     * {@code -min(r, epsilonHigh) * A * logprob} with no gradient through {@code r}: clips the weight and not the token's
     * gradient (MiniMax 2025, "MiniMax-M1", equations 4 and 5; the bound as in Khatri et al. 2025, "ScaleRL").
     */
    static Slope cispo(double ratio, double advantage, double epsilonHigh, double logprob) {
        double weight = Math.min(ratio, epsilonHigh) * advantage;
        return new Slope(-weight * logprob, -weight);
    }

    /**
     * {@code exp(reference - logprob) - (reference - logprob) - 1}: the estimator k3 of KL(policy, reference) (Schulman
     * 2020, "Approximating KL divergence"), unbiased over tokens drawn from the policy and never negative.
     */
    static Slope k3(double logprob, double reference) {
        double difference = reference - logprob;
        return new Slope(Math.exp(difference) - difference - 1, 1 - Math.exp(difference));
    }

    /**
     * Truncated importance sampling (Ionides 2008; Yao et al. 2025, "Your efficient RL framework secretly brings you
     * off-policy RL training"): {@code min(exp(old - drawn), cap)}, for tokens drawn by kernels that are not those of
     * training.
     */
    static double correction(double old, double drawn, double cap) {
        return Math.min(Math.exp(old - drawn), cap);
    }

    private static boolean clipped(LossOptions options, double ratio, double advantage) {
        if (options.type() == LossType.CISPO) {
            return advantage > 0 && ratio > options.epsilonHigh();
        }
        return advantage > 0 ? ratio > 1 + options.epsilonHigh() : advantage < 0 && ratio < 1 - options.epsilon();
    }
}
