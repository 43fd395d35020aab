package dev.hone.trainer.cli;

import dev.hone.trainer.rl.reward.RewardFunction;
import dev.hone.trainer.rl.reward.Sample;
import java.util.concurrent.atomic.AtomicInteger;

/** A reward of 1 that is 0 from so many completions on. */
public final class FadingReward implements RewardFunction {

    /** How many earn 1. */
    static final AtomicInteger LEFT = new AtomicInteger();

    @Override
    public double reward(Sample sample) {
        return LEFT.getAndDecrement() > 0 ? 1 : 0;
    }
}
