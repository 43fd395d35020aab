package dev.hone.trainer.sft;

/**
 * What one optimizer step did.
 *
 * @param step counted from 0
 * @param loss mean cross-entropy over the step's loss tokens, in nats, before the update
 * @param gradNorm before clipping
 * @param tokens of the step's pairs, prompts included
 * @param lossTokens those that carried loss
 * @param epoch passes over the data done when the step ended
 */
public record StepStats(
        long step,
        double loss,
        double learningRate,
        double gradNorm,
        long tokens,
        long lossTokens,
        double epoch,
        double seconds) {

    public double tokensPerSecond() {
        return tokens / Math.max(1e-9, seconds);
    }
}
