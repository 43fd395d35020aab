package dev.hone.datasets.procedural.strings;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * {@code What is the edit distance of "abc" and "bcd"?} (Levenshtein), worked by the distances of the beginnings, a row
 * for each letter of the first.
 */
final class EditDistance extends LeveledGenerator {
    private static final int[] LENGTH = {3, 4, 5, 7};

    EditDistance() {
        super("edit_distance", "code", "value", LENGTH.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        String a = Words.word(random, LENGTH[level - 1], 4);
        String b = Words.word(random, LENGTH[level - 1] + between(random, -1, 1), 4);
        int[] row = new int[b.length() + 1];
        Arrays.setAll(row, i -> i);
        StringBuilder work = new StringBuilder();
        for (int i = 1; i <= a.length(); i++) {
            int[] next = new int[row.length];
            next[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = row[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                next[j] = Math.min(replaced, Math.min(row[j], next[j - 1]) + 1);
            }
            row = next;
            work.append(a.charAt(i - 1)).append(": ");
            work.append(Arrays.stream(row).mapToObj(String::valueOf).collect(Collectors.joining(" ")))
                    .append('\n');
        }
        return new Problem(
                "What is the edit distance of \"" + a + "\" and \"" + b
                        + "\", counting letters inserted, deleted and replaced?",
                work.toString(),
                Integer.toString(row[b.length()]));
    }
}
