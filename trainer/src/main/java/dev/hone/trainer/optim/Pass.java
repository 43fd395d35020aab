package dev.hone.trainer.optim;

import dev.hone.trainer.model.Batch;
import org.jspecify.annotations.Nullable;

/**
 * A pass whose loss is {@code -sum(coefficients * logprobs + bonuses * entropies)}.
 *
 * @param coefficients {@code [tokens]}; those without a target do not count
 * @param bonuses {@code [tokens]}, what a nat of the distribution that a token is drawn from is worth; null for none
 * @param temperature what logits are divided by
 */
public record Pass(Batch batch, float[] coefficients, float @Nullable [] bonuses, float temperature) {}
