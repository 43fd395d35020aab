package dev.hone.trainer.sft;

import dev.hone.datasets.UserError;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * How pairs are learned.
 *
 * @param seed of the order of the pairs
 * @param tokensPerStep tokens of an optimizer step, about; more than the transformer's buffers hold are accumulated over
 *     several passes
 * @param maxLength longest pair, in tokens
 * @param schedule learning rate by step
 */
public record SftOptions(long seed, int tokensPerStep, int maxLength, ISchedule schedule) {
    public SftOptions {
        if (tokensPerStep < 1) {
            throw new UserError("tokens_per_step is " + tokensPerStep + " but must be 1 or more");
        }
        if (maxLength < 2) {
            throw new UserError("max_length is " + maxLength + " but must be 2 or more");
        }
    }
}
