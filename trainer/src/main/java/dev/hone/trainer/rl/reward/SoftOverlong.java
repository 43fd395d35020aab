package dev.hone.trainer.rl.reward;

import dev.hone.datasets.UserError;

/**
 * Soft overlong punishment (Yu et al. 2025, "DAPO", equation 13): 0 up to {@code max - cache} tokens, from there falling
 * to -1 at {@code max}, and -1 beyond.
 */
public record SoftOverlong(int max, int cache) implements RewardFunction {

    public SoftOverlong {
        if (cache < 1 || cache > max) {
            throw new UserError(
                    "soft_overlong has cache_length " + cache + " but needs 1 to max_length, which is " + max);
        }
    }

    @Override
    public double reward(Sample sample) {
        int over = sample.tokens().length - (max - cache);
        return over <= 0 ? 0 : -Math.min(1, over / (double) cache);
    }
}
