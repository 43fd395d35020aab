package dev.hone.trainer.domains;

import dev.hone.trainer.recipe.SchedulerKeys;

/**
 * How far the exploration of a domain is.
 *
 * @param rounds rounds done
 * @param reference the round whose validation was the last real gain; 0 is the base model's
 * @param stale validations in a row since then
 */
record Exploration(int rounds, int reference, int stale) {

    static final Exploration START = new Exploration(0, 0, 0);

    /** After one more round; {@code gained}: it beat the reference beyond the confidence interval. */
    Exploration validated(boolean gained) {
        int round = rounds + 1;
        return gained ? new Exploration(round, round, 0) : new Exploration(round, reference, stale + 1);
    }

    boolean isSaturated(SchedulerKeys scheduler) {
        return stale >= scheduler.patience();
    }

    boolean isOver(SchedulerKeys scheduler) {
        return isSaturated(scheduler) || rounds >= scheduler.maxRounds();
    }
}
