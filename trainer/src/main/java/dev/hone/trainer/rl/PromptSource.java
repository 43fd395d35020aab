package dev.hone.trainer.rl;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.trainer.generate.ShuffledPasses;
import java.util.List;

/** Where a step's prompts come from. They follow from the step alone, so that a resumed run sees the same ones. */
@FunctionalInterface
public interface PromptSource {

    /** The {@code count} pairs of step {@code step}. */
    List<Pair> pairs(long step, int count);

    /** Passes over {@code pairs}, each in an order of its own that follows from {@code seed} and the pass. */
    static PromptSource shuffled(List<Pair> pairs, long seed) {
        if (pairs.isEmpty()) {
            throw new UserError("There is no pair to take prompts from; RL needs at least one");
        }
        return new ShuffledPasses<>(pairs, seed)::step;
    }
}
