package dev.hone.datasets.procedural.numbers;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.Random;
import java.util.StringJoiner;

/** {@code What are the prime factors of 360? List them from the smallest, each as often as it occurs.}, worked by trial division. */
final class PrimeFactors extends LeveledGenerator {
    private static final int[] PRIMES = {2, 3, 5, 7, 11, 13, 17, 19};
    private static final int[] FACTORS = {2, 3, 4, 5, 6};

    PrimeFactors() {
        super("prime_factors", "math", "exact", FACTORS.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        int number = 1;
        for (int i = 0; i < FACTORS[level - 1]; i++) {
            number *= PRIMES[random.nextInt(i < 2 ? PRIMES.length : 4)];
        }
        // A last factor of any kind, prime or not, so that there are enough numbers.
        number *= between(random, 1, 9);
        StringBuilder work = new StringBuilder();
        StringJoiner factors = new StringJoiner(" ");
        int left = number;
        for (int factor = 2; left > 1; ) {
            if (left % factor == 0) {
                work.append(left)
                        .append('/')
                        .append(factor)
                        .append('=')
                        .append(left / factor)
                        .append('\n');
                factors.add(Integer.toString(factor));
                left /= factor;
            } else {
                factor++;
            }
        }
        return new Problem(
                "What are the prime factors of " + number
                        + "? List them from the smallest, each as often as it occurs.",
                work.toString(),
                factors.toString());
    }
}
