package dev.hone.datasets.procedural.code;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/** {@code What is sum([2 * x + 1 for x in [3, 5]]) in Python?}, an element a line. */
final class ListComprehension extends LeveledGenerator {
    private static final int[] LENGTH = {3, 5, 7, 10};

    ListComprehension() {
        super("list_comprehension", "code", "value", LENGTH.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        List<Integer> numbers = distinct(random, LENGTH[level - 1], 1, 20);
        int factor = between(random, 2, 5);
        int offset = signed(random, 1, 9);
        int divisor = between(random, 2, 3);
        int remainder = random.nextInt(divisor);
        boolean squares = level >= 3 && random.nextBoolean();
        StringBuilder work = new StringBuilder();
        int sum = 0;
        for (int x : numbers) {
            work.append(x).append(": ");
            if (level > 1) {
                work.append(x).append('%').append(divisor).append('=').append(x % divisor);
            }
            if (level > 1 && x % divisor != remainder) {
                work.append(", left out\n");
                continue;
            }
            int value = (squares ? x * x : factor * x) + offset;
            sum += value;
            work.append(level > 1 ? ", " : "")
                    .append(value)
                    .append(", sum ")
                    .append(sum)
                    .append('\n');
        }
        String element = (squares ? "x * x" : factor + " * x") + (offset < 0 ? " - " : " + ") + Math.abs(offset);
        String list = numbers.stream().map(String::valueOf).collect(Collectors.joining(", ", "[", "]"));
        String condition = level == 1 ? "" : " if x % " + divisor + " == " + remainder;
        return new Problem(
                "What is sum([" + element + " for x in " + list + condition + "]) in Python?",
                work.toString(),
                Integer.toString(sum));
    }
}
