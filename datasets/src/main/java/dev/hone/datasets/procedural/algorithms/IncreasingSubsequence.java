package dev.hone.datasets.procedural.algorithms;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * {@code How long is the longest increasing subsequence of 3 1 4 2 5?}, worked by the longest that ends at each number.
 */
final class IncreasingSubsequence extends LeveledGenerator {
    private static final int[] LENGTH = {4, 6, 8, 11};

    IncreasingSubsequence() {
        super("increasing_subsequence", "code", "value", LENGTH.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        List<Integer> numbers = distinct(random, LENGTH[level - 1], 1, 30);
        int[] longest = new int[numbers.size()];
        StringBuilder work = new StringBuilder();
        int best = 0;
        for (int i = 0; i < longest.length; i++) {
            int after = -1;
            for (int j = 0; j < i; j++) {
                if (numbers.get(j) < numbers.get(i) && (after < 0 || longest[j] > longest[after])) {
                    after = j;
                }
            }
            longest[i] = after < 0 ? 1 : longest[after] + 1;
            best = Math.max(best, longest[i]);
            work.append(numbers.get(i)).append(after < 0 ? " alone: " : " after " + numbers.get(after) + ": ");
            work.append(longest[i]).append('\n');
        }
        String list = numbers.stream().map(String::valueOf).collect(Collectors.joining(" "));
        return new Problem(
                "How long is the longest increasing subsequence of " + list + "?",
                work.toString(),
                Integer.toString(best));
    }
}
