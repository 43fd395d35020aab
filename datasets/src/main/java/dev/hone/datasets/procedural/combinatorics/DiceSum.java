package dev.hone.datasets.procedural.combinatorics;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.Random;

/**
 * {@code Dice with 6 and 8 sides are rolled. What is the probability of the sum 7?}, worked by how often each sum occurs,
 * one die after another.
 */
final class DiceSum extends LeveledGenerator {
    private static final int[] DICE = {2, 3, 4, 5};

    DiceSum() {
        super("dice_sum", "math", "value", DICE.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        int dice = DICE[level - 1];
        int most = level == 1 ? 12 : 6 + level;
        StringBuilder sides = new StringBuilder();
        StringBuilder work = new StringBuilder();
        long[] ways = {1};
        long all = 1;
        for (int die = 0; die < dice; die++) {
            int faces = between(random, 4, most);
            sides.append(die == 0 ? "" : die == dice - 1 ? " and " : ", ").append(faces);
            ways = rolled(ways, faces);
            all *= faces;
            if (die > 0) {
                counts(work, ways, die + 1);
            }
        }
        int sum = between(random, dice, ways.length - 1);
        long common = gcd(ways[sum], all);
        work.append(ways[sum]).append(" of ").append(all).append('\n');
        String answer = ways[sum] / common + "/" + all / common;
        return new Problem(
                "Dice with " + sides + " sides are rolled. What is the probability of the sum " + sum
                        + "? Give a fraction in lowest terms.",
                work.toString(),
                answer);
    }

    /** In how many ways each sum comes up, with one more die. */
    private static long[] rolled(long[] ways, int faces) {
        long[] sums = new long[ways.length + faces];
        for (int sum = 0; sum < ways.length; sum++) {
            for (int face = 1; face <= faces; face++) {
                sums[sum + face] += ways[sum];
            }
        }
        return sums;
    }

    private static void counts(StringBuilder work, long[] ways, int dice) {
        work.append(dice).append(" dice:");
        for (int sum = dice; sum < ways.length; sum++) {
            work.append(' ').append(sum).append(':').append(ways[sum]);
        }
        work.append('\n');
    }

    private static long gcd(long a, long b) {
        return b == 0 ? a : gcd(b, a % b);
    }
}
