package dev.hone.datasets.procedural.algorithms;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/** {@code How many swaps of neighbours does bubble sort make on 5 2 4?}, worked by the list after each pass. */
final class BubbleSort extends LeveledGenerator {
    private static final int[] LENGTH = {3, 4, 5, 7, 9};

    BubbleSort() {
        super("bubble_sort", "code", "value", LENGTH.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        List<Integer> numbers = distinct(random, LENGTH[level - 1], 1, 20 * level);
        String given = text(numbers);
        StringBuilder work = new StringBuilder();
        int swaps = 0;
        boolean sorted = false;
        while (!sorted) {
            int before = swaps;
            for (int i = 1; i < numbers.size(); i++) {
                int left = numbers.get(i - 1);
                if (left > numbers.get(i)) {
                    numbers.set(i - 1, numbers.get(i));
                    numbers.set(i, left);
                    swaps++;
                }
            }
            sorted = swaps == before;
            work.append(text(numbers))
                    .append(", swaps ")
                    .append(swaps - before)
                    .append(", in all ")
                    .append(swaps)
                    .append('\n');
        }
        return new Problem(
                "How many swaps of neighbours does bubble sort make on " + given + "?",
                work.toString(),
                Integer.toString(swaps));
    }

    private static String text(List<Integer> numbers) {
        return numbers.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }
}
