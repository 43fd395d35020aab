package dev.hone.datasets.procedural.algebra;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.Random;

/** {@code Solve x^2-5x+6=0.}, worked by the discriminant; the solutions are whole and listed from the smaller. */
final class QuadraticEquation extends LeveledGenerator {
    private static final int[] LARGEST_ROOT = {9, 9, 12, 20};
    private static final int[] LARGEST_FACTOR = {1, 1, 5, 9};

    QuadraticEquation() {
        super("quadratic_equation", "math", "value", LARGEST_ROOT.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        int most = LARGEST_ROOT[level - 1];
        int first = level == 1 ? between(random, 1, most) : signed(random, 1, most);
        int second = level == 1 ? between(random, 1, most) : signed(random, 1, most);
        int low = Math.min(first, second);
        int high = Math.max(first, second);
        long a = level <= 2 ? 1 : between(random, 2, LARGEST_FACTOR[level - 1]);
        long b = -a * (low + high);
        long c = a * low * high;
        long discriminant = b * b - 4 * a * c;
        long root = a * (high - low);
        StringBuilder work = new StringBuilder();
        if (a != 1) {
            work.append("a=")
                    .append(a)
                    .append(", b=")
                    .append(b)
                    .append(", c=")
                    .append(c)
                    .append('\n');
        }
        work.append("b^2-4ac=").append(b * b).append(4 * a * c < 0 ? "+" : "-").append(Math.abs(4 * a * c));
        work.append('=').append(discriminant).append('=').append(root).append("^2\n");
        work.append("x=(")
                .append(-b)
                .append('-')
                .append(root)
                .append(")/")
                .append(2 * a)
                .append('=')
                .append(low);
        work.append('\n');
        if (root != 0) {
            work.append("x=(")
                    .append(-b)
                    .append('+')
                    .append(root)
                    .append(")/")
                    .append(2 * a)
                    .append('=')
                    .append(high);
            work.append('\n');
        }
        return new Problem(
                "Solve " + Polynomial.text(new long[] {c, b, a}) + "=0.",
                work.toString(),
                low == high ? Integer.toString(low) : low + ", " + high);
    }
}
