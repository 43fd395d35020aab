package dev.hone.trainer.run;

import org.jspecify.annotations.Nullable;

/**
 * The least held-out loss of a stage so far.
 *
 * @param step of the stage it was measured after
 * @param loss in nats a token
 * @param since evaluations after it, none of them better
 */
record BestLoss(long step, double loss, int since) {

    /** After one more evaluation. An equal loss is no better. */
    static BestLoss after(@Nullable BestLoss before, long step, double loss) {
        return before == null || loss < before.loss
                ? new BestLoss(step, loss, 0)
                : new BestLoss(before.step, before.loss, before.since + 1);
    }
}
