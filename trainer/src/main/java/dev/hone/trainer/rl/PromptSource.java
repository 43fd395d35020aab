package dev.hone.trainer.rl;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.trainer.generate.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

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
        List<Pair> all = List.copyOf(pairs);
        return (step, count) -> {
            List<Pair> chosen = new ArrayList<>(count);
            long pass = -1;
            int[] order = {};
            for (long place = step * count; place < (step + 1) * count; place++) {
                if (place / all.size() != pass) {
                    pass = place / all.size();
                    order = permutation(all.size(), Seeds.mix(seed, pass));
                }
                chosen.add(all.get(order[(int) (place % all.size())]));
            }
            return chosen;
        };
    }

    private static int[] permutation(int n, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
