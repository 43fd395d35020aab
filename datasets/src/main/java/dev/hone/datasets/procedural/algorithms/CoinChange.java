package dev.hone.datasets.procedural.algorithms;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/** {@code What are the fewest coins of 1, 5, 8 that make 15?}, worked by the fewest for each sum below. */
final class CoinChange extends LeveledGenerator {
    private static final int[] LARGEST_SUM = {10, 16, 24, 40};
    private static final int[] KINDS = {2, 3, 3, 4};

    CoinChange() {
        super("coin_change", "code", "math", LARGEST_SUM.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        int sum = between(random, LARGEST_SUM[level - 1] * 2 / 3, LARGEST_SUM[level - 1]);
        List<Integer> coins = new ArrayList<>(distinct(random, KINDS[level - 1] - 1, 2, 4 + 3 * level).stream()
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
        String list = coins.stream().map(String::valueOf).collect(Collectors.joining(", "));
        return new Problem(
                "What is the fewest number of coins of " + list + " that makes " + sum + "?",
                work.toString(),
                Integer.toString(fewest[sum]));
    }
}
