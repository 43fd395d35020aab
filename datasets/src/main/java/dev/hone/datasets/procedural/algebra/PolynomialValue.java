package dev.hone.datasets.procedural.algebra;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.Random;

/** {@code p(x)=2x^3-x+4. What is p(3)?}, worked by Horner's scheme. */
final class PolynomialValue extends LeveledGenerator {
    private static final int[] DEGREE = {1, 2, 3, 4, 5};

    PolynomialValue() {
        super("polynomial_value", "math", "value", DEGREE.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        int degree = DEGREE[level - 1];
        long[] coefficients = new long[degree + 1];
        for (int power = 0; power < degree; power++) {
            coefficients[power] = signed(random, 0, 9);
        }
        coefficients[degree] = between(random, 1, 5);
        int x = level == 1 ? between(random, 2, 9) : signed(random, 2, 6);
        StringBuilder work = new StringBuilder();
        long value = coefficients[degree];
        for (int power = degree - 1; power >= 0; power--) {
            long next = value * x + coefficients[power];
            work.append(value)
                    .append('*')
                    .append(x < 0 ? "(" + x + ")" : x)
                    .append(coefficients[power] < 0 ? "-" : "+");
            work.append(Math.abs(coefficients[power])).append('=').append(next).append('\n');
            value = next;
        }
        return new Problem(
                "p(x)=" + Polynomial.text(coefficients) + ". What is p(" + x + ")?",
                work.toString(),
                Long.toString(value));
    }
}
