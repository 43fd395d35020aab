package dev.hone.datasets.procedural.strings;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.Random;

/** {@code Write 1994 as a Roman numeral.}, worked by taking the largest sign that fits away. */
final class RomanNumeral extends LeveledGenerator {
    private static final int[] VALUES = {1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1};
    private static final String[] SIGNS = {"M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"};
    private static final int[] LARGEST = {60, 400, 1000, 3999};

    RomanNumeral() {
        super("roman_numeral", "code", "exact", LARGEST.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        int number = between(random, level == 1 ? 1 : LARGEST[level - 2], LARGEST[level - 1]);
        StringBuilder numeral = new StringBuilder();
        StringBuilder work = new StringBuilder();
        int left = number;
        for (int i = 0; i < VALUES.length; i++) {
            while (left >= VALUES[i]) {
                work.append(left)
                        .append('-')
                        .append(VALUES[i])
                        .append('=')
                        .append(left - VALUES[i])
                        .append(' ');
                work.append(SIGNS[i]).append('\n');
                left -= VALUES[i];
                numeral.append(SIGNS[i]);
            }
        }
        return new Problem("Write " + number + " as a Roman numeral.", work.toString(), numeral.toString());
    }
}
