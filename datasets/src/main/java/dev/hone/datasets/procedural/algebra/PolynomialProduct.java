package dev.hone.datasets.procedural.algebra;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.Random;

/** {@code Expand (x+2)(3x-1).}, one factor after another; each power of x is collected on its own. */
final class PolynomialProduct extends LeveledGenerator {
    private static final int[] FACTORS = {2, 2, 3, 4};

    PolynomialProduct() {
        super("polynomial_product", "math", "value", FACTORS.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        long[] product = {1};
        StringBuilder prompt = new StringBuilder("Expand ");
        StringBuilder work = new StringBuilder();
        for (int factor = 0; factor < FACTORS[level - 1]; factor++) {
            long a = level == 1 ? 1 : between(random, 1, 4);
            long b = signed(random, 1, 9);
            String text = "(" + Polynomial.text(new long[] {b, a}) + ")";
            prompt.append(text);
            if (factor > 0) {
                work.append('(')
                        .append(Polynomial.text(product))
                        .append(')')
                        .append(text)
                        .append('\n');
            }
            product = times(product, a, b);
            if (factor > 0) {
                work.append('=').append(Polynomial.text(product)).append('\n');
            }
        }
        return new Problem(prompt + ".", work.toString(), Polynomial.text(product));
    }

    /** Times {@code ax+b}. */
    private static long[] times(long[] coefficients, long a, long b) {
        long[] product = new long[coefficients.length + 1];
        for (int power = 0; power < coefficients.length; power++) {
            product[power] += b * coefficients[power];
            product[power + 1] += a * coefficients[power];
        }
        return product;
    }
}
