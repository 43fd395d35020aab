package dev.hone.trainer.dpo;

/**
 * What one step did.
 *
 * @param loss mean over preferences
 * @param accuracy share of preferences whose chosen response's implied reward is the higher one
 * @param margin mean difference of the implied rewards, {@code beta * log-ratio}
 * @param chosenReward mean implied reward of the chosen responses
 * @param rejectedReward mean implied reward of the rejected ones
 * @param gradNorm before clipping
 * @param tokens of both responses and their prompts
 */
public record DpoStats(
        double loss,
        double accuracy,
        double margin,
        double chosenReward,
        double rejectedReward,
        double learningRate,
        double gradNorm,
        long tokens,
        double seconds) {}
