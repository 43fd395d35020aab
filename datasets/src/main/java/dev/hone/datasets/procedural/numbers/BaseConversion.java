package dev.hone.datasets.procedural.numbers;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.Random;

/** {@code Write 45 in base 2.}, worked by dividing until nothing is left and reading the remainders backwards. */
final class BaseConversion extends LeveledGenerator {
    private static final String DIGITS = "0123456789abcdef";
    private static final int[] LARGEST = {99, 255, 999, 9_999, 99_999};
    private static final int[][] BASES = {{2, 3, 4, 5}, {2, 3}, {2, 8, 16}, {2, 7, 16}, {2, 3, 12, 16}};

    BaseConversion() {
        super("base_conversion", "math", "exact", LARGEST.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        int base = BASES[level - 1][random.nextInt(BASES[level - 1].length)];
        int number = between(random, LARGEST[level - 1] / 5, LARGEST[level - 1]);
        StringBuilder work = new StringBuilder();
        StringBuilder digits = new StringBuilder();
        for (int left = number; left > 0; left /= base) {
            char digit = DIGITS.charAt(left % base);
            work.append(left)
                    .append('=')
                    .append(left / base)
                    .append('*')
                    .append(base)
                    .append('+');
            work.append(left % base).append(left % base > 9 ? " (" + digit + ")\n" : "\n");
            digits.append(digit);
        }
        return new Problem(
                "Write " + number + " in base " + base
                        + (base > 10 ? ", with a for ten, b for eleven and so on." : "."),
                work.toString(),
                digits.reverse().toString());
    }
}
