package dev.hone.datasets.procedural.combinatorics;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.Random;

/** {@code How many ways are there to choose 2 of 5 women and 3 of 6 men?}, worked by products and quotients. */
final class Committees extends LeveledGenerator {
    private static final String[] GROUPS = {"women", "men", "girls", "boys"};
    private static final int[] LARGEST = {19, 9, 12, 12};

    Committees() {
        super("committees", "math", "value", GROUPS.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        StringBuilder prompt = new StringBuilder("How many ways are there to choose ");
        StringBuilder work = new StringBuilder();
        long ways = 1;
        for (int group = 0; group < level; group++) {
            int n = between(random, 4, LARGEST[level - 1]);
            int k = between(random, 2, Math.min(4, n - 1));
            prompt.append(group == 0 ? "" : " and ")
                    .append(k)
                    .append(" of ")
                    .append(n)
                    .append(' ')
                    .append(GROUPS[group]);
            long one = choose(n, k, work);
            if (group > 0) {
                work.append(ways)
                        .append('*')
                        .append(one)
                        .append('=')
                        .append(ways * one)
                        .append('\n');
            }
            ways *= one;
        }
        return new Problem(prompt + "?", work.toString(), Long.toString(ways));
    }

    /** {@code C(5,2)=5*4/(2*1)=10} */
    private static long choose(int n, int k, StringBuilder work) {
        StringBuilder above = new StringBuilder();
        StringBuilder below = new StringBuilder();
        long numerator = 1;
        long denominator = 1;
        for (int i = 0; i < k; i++) {
            above.append(i == 0 ? "" : "*").append(n - i);
            below.append(i == 0 ? "" : "*").append(k - i);
            numerator *= n - i;
            denominator *= k - i;
        }
        work.append("C(")
                .append(n)
                .append(',')
                .append(k)
                .append(")=")
                .append(above)
                .append("/(")
                .append(below);
        work.append(")=")
                .append(numerator)
                .append('/')
                .append(denominator)
                .append('=')
                .append(numerator / denominator);
        work.append('\n');
        return numerator / denominator;
    }
}
