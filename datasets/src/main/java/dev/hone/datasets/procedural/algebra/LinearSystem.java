package dev.hone.datasets.procedural.algebra;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.Random;

/** {@code 2x+y=7, x-3y=0. Find (x, y).}, worked by taking multiples of one equation from the other. */
final class LinearSystem extends LeveledGenerator {
    private static final int[] LARGEST_COEFFICIENT = {3, 5, 9, 15};
    private static final int[] LARGEST_SOLUTION = {9, 12, 15, 20};

    LinearSystem() {
        super("linear_system", "math", "value", LARGEST_COEFFICIENT.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        int most = LARGEST_COEFFICIENT[level - 1];
        int x = signed(random, 1, LARGEST_SOLUTION[level - 1]);
        int y = signed(random, 1, LARGEST_SOLUTION[level - 1]);
        int a;
        int b;
        int c;
        int d;
        do {
            a = level == 1 ? 1 : between(random, 2, most);
            b = signed(random, 1, most);
            c = between(random, 1, most);
            d = signed(random, 1, most);
        } while (a * d == b * c);
        int e = a * x + b * y;
        int f = c * x + d * y;
        int determinant = a * d - b * c;
        int right = a * f - c * e;
        String work = a + "*(" + equation(c, d, f) + ")-" + c + "*(" + equation(a, b, e) + "): "
                + determinant + "y=" + right + "\ny=" + right + "/" + determinant + "=" + y + "\n"
                + term(a, "x") + "=" + e + (b < 0 ? "+" : "-") + Math.abs(b) + "*" + bracketed(y) + "=" + (e - b * y)
                + "\nx=" + x + "\n";
        return new Problem(
                equation(a, b, e) + ", " + equation(c, d, f) + ". Find (x, y).", work, "(" + x + ", " + y + ")");
    }

    private static String equation(int a, int b, int c) {
        return term(a, "x") + (b < 0 ? "-" : "+") + term(Math.abs(b), "y") + "=" + c;
    }

    private static String term(int coefficient, String name) {
        return coefficient == 1 ? name : coefficient + name;
    }

    private static String bracketed(int number) {
        return number < 0 ? "(" + number + ")" : Integer.toString(number);
    }
}
