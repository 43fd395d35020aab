package dev.hone.trainer.optim;

import org.jspecify.annotations.Nullable;

/**
 * What a pass came to.
 *
 * @param loss but for the bonus
 * @param logprobs {@code [tokens]}, of each target; 0 where there is none
 * @param entropies {@code [tokens]}, in nats; null where the pass has no bonuses
 */
public record PassResult(double loss, float[] logprobs, float @Nullable [] entropies) {}
