package dev.hone.datasets.procedural.geometry;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.Random;

/**
 * Missing sides of right triangles and diagonals of boxes, by the theorem of Pythagoras. Whole sides are those of Euclid's
 * formula: {@code m^2-n^2}, {@code 2mn}, {@code m^2+n^2}.
 */
final class RightTriangle extends LeveledGenerator {
    private static final int[] LARGEST_M = {4, 6, 8, 9};
    private static final int[] LARGEST_SCALE = {8, 9, 12, 6};

    RightTriangle() {
        super("right_triangle", "math", "value", LARGEST_M.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        int m = between(random, 2, LARGEST_M[level - 1]);
        int n = between(random, 1, m - 1);
        int scale = between(random, 1, LARGEST_SCALE[level - 1]);
        int a = scale * (m * m - n * n);
        int b = scale * 2 * m * n;
        int c = scale * (m * m + n * n);
        if (level == 4) {
            return box(random, a, b, c);
        }
        if (level == 1 || random.nextBoolean()) {
            return new Problem(
                    "The legs of a right triangle are " + a + " and " + b + ". How long is its hypotenuse?",
                    squares(a, '+', b, a * a + b * b) + root(c),
                    Integer.toString(c));
        }
        return new Problem(
                "The hypotenuse of a right triangle is " + c + " and one leg is " + a + ". How long is the other leg?",
                squares(c, '-', a, c * c - a * a) + root(b),
                Integer.toString(b));
    }

    /** A box whose base has the diagonal c and whose height makes another whole one. */
    private static Problem box(Random random, int a, int b, int c) {
        // c and h of 4c/3, in thirds: three times everything keeps it whole.
        boolean tall = random.nextBoolean();
        int height = tall ? 4 * c : 3 * c;
        int factor = tall ? 3 : 4;
        int base = factor * c;
        int diagonal = 5 * c;
        String work = squares(factor * a, '+', factor * b, base * base)
                + root(base)
                + squares(base, '+', height, diagonal * diagonal)
                + root(diagonal);
        return new Problem(
                "A box is " + factor * a + " by " + factor * b + " and " + height
                        + " high. How long is the diagonal through its inside?",
                work,
                Integer.toString(diagonal));
    }

    private static String squares(int a, char sign, int b, int result) {
        return a + "^2" + sign + b + "^2=" + a * a + sign + b * b + "=" + result + "\n";
    }

    private static String root(int c) {
        return c + "^2=" + c * c + "\n";
    }
}
