package dev.hone.datasets.procedural.numbers;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.Random;

/** {@code What is 7^13 mod 11?}, worked by squaring: a line for each bit of the exponent, from the highest. */
final class ModularPower extends LeveledGenerator {
    private static final int[] LARGEST_EXPONENT = {4, 9, 20, 60, 250};
    private static final int[] LARGEST_MODULUS = {9, 13, 29, 60, 99};

    ModularPower() {
        super("modular_power", "math", "value", LARGEST_EXPONENT.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        int modulus = between(random, 3, LARGEST_MODULUS[level - 1]);
        int base = between(random, 2, modulus + 8);
        int exponent = between(random, 1 + LARGEST_EXPONENT[level - 1] / 2, LARGEST_EXPONENT[level - 1]);
        StringBuilder work = new StringBuilder();
        int power = 1;
        int done = 0;
        for (int bit = 31 - Integer.numberOfLeadingZeros(exponent); bit >= 0; bit--) {
            int squared = power * power % modulus;
            boolean odd = (exponent >> bit & 1) == 1;
            done = 2 * done + (odd ? 1 : 0);
            int next = odd ? squared * (base % modulus) % modulus : squared;
            work.append(base)
                    .append('^')
                    .append(done)
                    .append(": ")
                    .append(power)
                    .append('*')
                    .append(power);
            work.append(odd ? "*" + base % modulus : "").append(" mod ").append(modulus);
            work.append('=').append(next).append('\n');
            power = next;
        }
        return new Problem(
                "What is " + base + "^" + exponent + " mod " + modulus + "?", work.toString(), Integer.toString(power));
    }
}
