package dev.hone.trainer.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Passes over elements, each in an order of its own that follows from the seed and the pass. What a step takes follows
 * from its number alone, so that a resumed run takes the same.
 *
 * @param elements at least one
 */
public record ShuffledPasses<T>(List<T> elements, long seed) {

    public ShuffledPasses {
        elements = List.copyOf(elements);
    }

    /** The {@code count} elements of step {@code step}, counted from 0; a step may reach into the next pass. */
    public List<T> step(long step, int count) {
        int all = elements.size();
        List<T> taken = new ArrayList<>(count);
        long pass = -1;
        int[] order = {};
        for (long place = step * count; place < (step + 1) * count; place++) {
            if (place / all != pass) {
                pass = place / all;
                order = permutation(all, Seeds.mix(seed, pass));
            }
            taken.add(elements.get(order[(int) (place % all)]));
        }
        return taken;
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
