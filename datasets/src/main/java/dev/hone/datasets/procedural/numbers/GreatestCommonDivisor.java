package dev.hone.datasets.procedural.numbers;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.Random;

/** {@code What is the greatest common divisor of 84 and 36?}, worked by Euclid's algorithm. */
final class GreatestCommonDivisor extends LeveledGenerator {
    private static final int[] LARGEST_PART = {9, 20, 60, 200, 900};

    GreatestCommonDivisor() {
        super("gcd", "math", "value", LARGEST_PART.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        int common = between(random, 2, 3 + 6 * level);
        int a = common * between(random, 2, LARGEST_PART[level - 1]);
        int b = common * between(random, 2, LARGEST_PART[level - 1]);
        return new Problem(
                "What is the greatest common divisor of " + a + " and " + b + "?",
                Euclid.work(Math.max(a, b), Math.min(a, b)),
                Long.toString(Euclid.gcd(a, b)));
    }
}
