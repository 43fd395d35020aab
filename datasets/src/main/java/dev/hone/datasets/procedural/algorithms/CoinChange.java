package dev.hone.datasets.procedural.algorithms;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** {@code With coins of 1, 5 and 8, what is the smallest number of coins that makes 15?}, worked by that of each sum below. */
final class CoinChange extends LeveledGenerator {
    private static final int[] LARGEST_SUM = {15, 20, 28, 40};
    private static final int[] KINDS = {2, 3, 3, 4};

    CoinChange() {
        super("coin_change", "code", "value", LARGEST_SUM.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        int sum = between(random, LARGEST_SUM[level - 1] * 2 / 3, LARGEST_SUM[level - 1]);
        List<Integer> coins = new ArrayList<>(distinct(random, KINDS[level - 1] - 1, 2, 6 + 3 * level).stream()
                .sorted()
                .toList());
        coins.add(0, 1);
        int[] fewest = new int[sum + 1];
        StringBuilder work = new StringBuilder();
        for (int amount = 1; amount <= sum; amount++) {
            fewest[amount] = Integer.MAX_VALUE;
            for (int coin : coins) {
                if (coin <= amount) {
                    fewest[amount] = Math.min(fewest[amount], fewest[amount - coin] + 1);
                }
            }
            work.append(amount).append(':').append(fewest[amount]).append(amount == sum ? "\n" : " ");
        }
        return new Problem(
                "With coins of " + listed(coins) + ", what is the smallest number of coins that makes " + sum + "?",
                work.toString(),
                Integer.toString(fewest[sum]));
    }
}
