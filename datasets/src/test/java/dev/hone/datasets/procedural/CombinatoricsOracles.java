package dev.hone.datasets.procedural;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Counting by going through all cases. */
final class CombinatoricsOracles {
    static final Map<String, UnaryOperator<String>> BY_NAME = Map.of(
            "committees", CombinatoricsOracles::committees,
            "grid_paths", CombinatoricsOracles::gridPaths,
            "dice_sum", CombinatoricsOracles::diceSum,
            "letter_arrangements", CombinatoricsOracles::letterArrangements);

    private CombinatoricsOracles() {}

    /** Subsets of the right size, as bits. */
    private static String committees(String prompt) {
        List<Integer> numbers = Oracles.naturals(prompt);
        long ways = 1;
        for (int i = 0; i < numbers.size(); i += 2) {
            int size = numbers.get(i);
            long subsets = 0;
            for (int members = 0; members < 1 << numbers.get(i + 1); members++) {
                subsets += Integer.bitCount(members) == size ? 1 : 0;
            }
            ways *= subsets;
        }
        return Long.toString(ways);
    }

    private static String gridPaths(String prompt) {
        List<Integer> numbers = Oracles.naturals(prompt);
        // (0,0), the goal, the step of 1, then what is blocked.
        Set<List<Integer>> blocked = new HashSet<>();
        for (int i = 5; i < numbers.size(); i += 2) {
            blocked.add(List.of(numbers.get(i), numbers.get(i + 1)));
        }
        return Long.toString(walk(0, 0, numbers.get(2), numbers.get(3), blocked));
    }

    private static long walk(int x, int y, int width, int height, Set<List<Integer>> blocked) {
        if (x > width || y > height || blocked.contains(List.of(x, y))) {
            return 0;
        }
        return x == width && y == height
                ? 1
                : walk(x + 1, y, width, height, blocked) + walk(x, y + 1, width, height, blocked);
    }

    private static String diceSum(String prompt) {
        List<Integer> numbers = Oracles.naturals(prompt);
        List<Integer> dice = numbers.subList(0, numbers.size() - 1);
        long wanted = rolls(dice, 0, numbers.get(numbers.size() - 1));
        long all = dice.stream().mapToLong(faces -> faces).reduce(1, (a, b) -> a * b);
        for (long divisor = wanted; divisor > 1; divisor--) {
            if (wanted % divisor == 0 && all % divisor == 0) {
                wanted /= divisor;
                all /= divisor;
            }
        }
        return wanted + "/" + all;
    }

    private static long rolls(List<Integer> dice, int die, int left) {
        if (die == dice.size()) {
            return left == 0 ? 1 : 0;
        }
        long rolls = 0;
        for (int face = 1; face <= dice.get(die); face++) {
            rolls += rolls(dice, die + 1, left - face);
        }
        return rolls;
    }

    private static String letterArrangements(String prompt) {
        Matcher word = Pattern.compile("\"(\\w+)\"").matcher(prompt);
        if (!word.find()) {
            throw new AssertionError(prompt);
        }
        int[] counts = new int[26];
        word.group(1).chars().forEach(c -> counts[c - 'a']++);
        return Long.toString(orders(counts, word.group(1).length()));
    }

    /** Puts each letter that is left first. */
    private static long orders(int[] counts, int left) {
        if (left == 0) {
            return 1;
        }
        long orders = 0;
        for (int letter = 0; letter < counts.length; letter++) {
            if (counts[letter] > 0) {
                counts[letter]--;
                orders += orders(counts, left - 1);
                counts[letter]++;
            }
        }
        return orders;
    }
}
