package dev.hone.datasets.procedural.algebra;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.Random;
import java.util.StringJoiner;

/** {@code 3, 7, 11, 15, ... What is term 20?}: sequences whose differences, or differences of differences, are the same. */
final class SequenceTerm extends LeveledGenerator {
    private static final int[] LAST_TERM = {9, 20, 60, 12, 30};

    SequenceTerm() {
        super("sequence_term", "math", "value", LAST_TERM.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        long first = signed(random, 1, 20);
        long step = level == 1 ? between(random, 2, 9) : signed(random, 2, 15);
        long bend = level <= 3 ? 0 : signed(random, 1, 6);
        int n = between(random, LAST_TERM[level - 1] / 2 + 2, LAST_TERM[level - 1]);
        StringJoiner terms = new StringJoiner(", ");
        StringJoiner differences = new StringJoiner(", ");
        for (int i = 1; i <= 5; i++) {
            terms.add(Long.toString(term(first, step, bend, i)));
            if (i < 5) {
                differences.add(Long.toString(term(first, step, bend, i + 1) - term(first, step, bend, i)));
            }
        }
        long triangle = (n - 1L) * (n - 2) / 2;
        StringBuilder work = new StringBuilder("differences: " + differences + "\n");
        if (bend != 0) {
            work.append("differences of these: ")
                    .append(bend)
                    .append(", ")
                    .append(bend)
                    .append(", ")
                    .append(bend);
            work.append("\n")
                    .append(n - 1)
                    .append('*')
                    .append(n - 2)
                    .append("/2=")
                    .append(triangle)
                    .append('\n');
        }
        work.append(first).append('+').append(n - 1).append("*(").append(step).append(')');
        work.append(bend == 0 ? "" : "+" + triangle + "*(" + bend + ")");
        work.append('=').append(term(first, step, bend, n)).append('\n');
        return new Problem(
                terms + ", ... What is term " + n + "?", work.toString(), Long.toString(term(first, step, bend, n)));
    }

    /** Newton's forward differences: {@code first + (n-1) step + (n-1)(n-2)/2 bend}. */
    private static long term(long first, long step, long bend, int n) {
        return first + (n - 1) * step + (n - 1L) * (n - 2) / 2 * bend;
    }
}
