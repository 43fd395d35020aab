package dev.hone.datasets.procedural;

import java.util.List;
import java.util.Random;

/**
 * Sums, differences and products of natural numbers, from left to right.
 *
 * <p>The solution works column by column, units first, as on paper: {@code 37+58:7+8=15,3+5+1=9} and then the result at
 * the head of the next line. Each step is thus a fact about digits, which is what a small model can learn.
 */
final class Arithmetic extends LeveledGenerator {
    /** Digits of each term; a level with a product multiplies its first two. */
    private record Shape(boolean product, List<Integer> digits) {}

    private static final List<Shape> LEVELS = List.of(
            new Shape(false, List.of(1, 1)),
            new Shape(false, List.of(2, 1)),
            new Shape(false, List.of(2, 2)),
            new Shape(false, List.of(2, 2, 2)),
            new Shape(false, List.of(3, 3)),
            new Shape(true, List.of(2, 1, 2)),
            new Shape(false, List.of(3, 3, 3)),
            new Shape(true, List.of(3, 1, 3, 3)));

    Arithmetic() {
        super("arithmetic", "math", "value", LEVELS.size());
    }

    @Override
    protected Problem problem(int level, Random random) {
        Shape shape = LEVELS.get(level - 1);
        int total = number(random, shape.digits().get(0));
        StringBuilder expression = new StringBuilder().append(total);
        StringBuilder work = new StringBuilder();
        for (int i = 1; i < shape.digits().size(); i++) {
            int term = number(random, shape.digits().get(i));
            char operator = operator(random, shape.product() && i == 1, total, term);
            expression.append(operator).append(term);
            work.append(Columns.work(total, operator, term)).append('\n');
            total = apply(total, operator, term);
        }
        String answer = Integer.toString(total);
        return new Problem(expression + "=?", work.toString(), answer);
    }

    /** A number of exactly so many digits; of one digit, 1 to 9. */
    private static int number(Random random, int digits) {
        int low = (int) Math.pow(10, digits - 1);
        return low + random.nextInt(9 * low);
    }

    /** Never one that leads below zero. */
    private static char operator(Random random, boolean product, int total, int term) {
        boolean minus = random.nextBoolean() && total >= term;
        return product ? '*' : minus ? '-' : '+';
    }

    private static int apply(int total, char operator, int term) {
        return switch (operator) {
            case '+' -> total + term;
            case '-' -> total - term;
            default -> total * term;
        };
    }
}
