package dev.hone.datasets.procedural.numbers;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** {@code What is the least common multiple of 12 and 18?}, worked by the greatest common divisor of two at a time. */
final class LeastCommonMultiple extends LeveledGenerator {
    private static final int[] LARGEST = {12, 30, 60, 30, 60};
    private static final int[] COUNT = {2, 2, 2, 3, 4};

    LeastCommonMultiple() {
        super("lcm", "math", "value", LARGEST.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < COUNT[level - 1]; i++) {
            numbers.add(between(random, 4, LARGEST[level - 1]));
        }
        StringBuilder work = new StringBuilder();
        long multiple = numbers.get(0);
        for (int number : numbers.subList(1, numbers.size())) {
            long divisor = Euclid.gcd(multiple, number);
            work.append(Euclid.work(Math.max(multiple, number), Math.min(multiple, number)));
            work.append(multiple).append('/').append(divisor).append('*').append(number);
            multiple = multiple / divisor * number;
            work.append('=').append(multiple).append('\n');
        }
        return new Problem(
                "What is the least common multiple of " + listed(numbers) + "?",
                work.toString(),
                Long.toString(multiple));
    }
}
