package dev.hone.datasets.procedural.algorithms;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.List;
import java.util.Random;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/**
 * {@code Binary search looks for 7 in 1 3 5 7 9. Which numbers does it look at, in order?} The middle of an even range is the left
 * one of two.
 */
final class BinarySearch extends LeveledGenerator {
    private static final int[] LENGTH = {5, 8, 15, 25, 40};

    BinarySearch() {
        super("binary_search", "code", "exact", LENGTH.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        int length = LENGTH[level - 1];
        List<Integer> numbers =
                distinct(random, length, 1, 4 * length).stream().sorted().toList();
        int wanted = random.nextInt(4) == 0 ? between(random, 1, 4 * length) : numbers.get(random.nextInt(length));
        StringBuilder work = new StringBuilder();
        StringJoiner looked = new StringJoiner(" ");
        int low = 0;
        int high = length - 1;
        boolean found = false;
        while (low <= high && !found) {
            int middle = (low + high) / 2;
            int number = numbers.get(middle);
            looked.add(Integer.toString(number));
            work.append("places ")
                    .append(low + 1)
                    .append(" to ")
                    .append(high + 1)
                    .append(", place ")
                    .append(middle + 1);
            work.append(" is ").append(number);
            found = number == wanted;
            work.append(found ? ", found\n" : number < wanted ? ", go right\n" : ", go left\n");
            if (number < wanted) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        String list = numbers.stream().map(String::valueOf).collect(Collectors.joining(" "));
        return new Problem(
                "Binary search, taking the left one of two middles, looks for " + wanted + " in " + list
                        + ". Which numbers does it look at, in order?",
                work.toString(),
                looked.toString());
    }
}
