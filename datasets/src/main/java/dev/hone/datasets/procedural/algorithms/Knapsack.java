package dev.hone.datasets.procedural.algorithms;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.Arrays;
import java.util.Random;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/**
 * {@code A bag holds weight 5. Things (weight, value): (2,3) (4,6). What is the most value?}, worked by the best value
 * for each weight, a row a thing.
 */
final class Knapsack extends LeveledGenerator {
    private static final int[] THINGS = {2, 3, 4, 6};
    private static final int[] CAPACITY = {6, 8, 10, 14};

    Knapsack() {
        super("knapsack", "code", "value", THINGS.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        int capacity = between(random, CAPACITY[level - 1] / 2 + 1, CAPACITY[level - 1]);
        StringJoiner things = new StringJoiner(" ");
        StringBuilder work = new StringBuilder();
        int[] best = new int[capacity + 1];
        for (int thing = 0; thing < THINGS[level - 1]; thing++) {
            int weight = between(random, 1, capacity / 2 + 1);
            int value = between(random, 1, 9);
            things.add("(" + weight + "," + value + ")");
            for (int room = capacity; room >= weight; room--) {
                best[room] = Math.max(best[room], best[room - weight] + value);
            }
            work.append('(').append(weight).append(',').append(value).append("): ");
            work.append(Arrays.stream(best).mapToObj(String::valueOf).collect(Collectors.joining(" ")))
                    .append('\n');
        }
        return new Problem(
                "A bag holds weight " + capacity + ". Things, as (weight,value), one of each: " + things
                        + ". What is the most value it can hold?",
                work.toString(),
                Integer.toString(best[capacity]));
    }
}
