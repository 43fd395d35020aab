package dev.hone.datasets.procedural.numbers;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.Random;

/** {@code 3/4-5/6=?}, from left to right over the product of the denominators, and reduced in the end. */
final class FractionSum extends LeveledGenerator {
    private static final int[] TERMS = {2, 2, 2, 3, 4};
    private static final int[] LARGEST_DENOMINATOR = {6, 9, 20, 9, 9};

    FractionSum() {
        super("fraction_sum", "math", "value", TERMS.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        int most = LARGEST_DENOMINATOR[level - 1];
        long above = between(random, 1, most);
        long below = between(random, 2, most);
        StringBuilder sum = new StringBuilder(above + "/" + below);
        StringBuilder work = new StringBuilder();
        for (int i = 1; i < TERMS[level - 1]; i++) {
            int top = between(random, 1, most);
            int bottom = between(random, 2, most);
            char sign = random.nextBoolean() ? '+' : '-';
            sum.append(sign).append(top).append('/').append(bottom);
            work.append(above)
                    .append('/')
                    .append(below)
                    .append(sign)
                    .append(top)
                    .append('/')
                    .append(bottom);
            work.append("=(")
                    .append(above * bottom)
                    .append(sign)
                    .append(top * below)
                    .append(")/")
                    .append(below * bottom);
            above = above * bottom + (sign == '+' ? 1 : -1) * top * below;
            below *= bottom;
            work.append('=').append(above).append('/').append(below).append('\n');
        }
        long common = Euclid.gcd(Math.abs(above), below);
        String reduced = below / common == 1 ? Long.toString(above / common) : above / common + "/" + below / common;
        work.append("divided by ").append(common).append(": ").append(reduced).append('\n');
        return new Problem(sum + "=? Give a fraction in lowest terms.", work.toString(), reduced);
    }
}
