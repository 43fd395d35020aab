package dev.hone.datasets.procedural.combinatorics;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** {@code In how many different orders can the letters of "level" be written?}, worked by factorials. */
final class LetterArrangements extends LeveledGenerator {
    private static final int[] LETTERS = {3, 5, 7, 9};
    private static final int[] KINDS = {10, 4, 4, 4};

    LetterArrangements() {
        super("letter_arrangements", "math", "value", LETTERS.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        StringBuilder word = new StringBuilder();
        Map<Character, Integer> counts = new TreeMap<>();
        for (int i = 0; i < LETTERS[level - 1]; i++) {
            char letter = (char) ('a' + random.nextInt(KINDS[level - 1]));
            word.append(letter);
            counts.merge(letter, 1, Integer::sum);
        }
        StringBuilder work = new StringBuilder(word.length() + "!=" + factorial(word.length()) + "\n");
        long orders = factorial(word.length());
        for (Map.Entry<Character, Integer> letter : counts.entrySet()) {
            long same = factorial(letter.getValue());
            if (same > 1) {
                work.append(letter.getKey())
                        .append(": ")
                        .append(letter.getValue())
                        .append("!=")
                        .append(same);
                work.append(", ")
                        .append(orders)
                        .append('/')
                        .append(same)
                        .append('=')
                        .append(orders / same)
                        .append('\n');
                orders /= same;
            }
        }
        return new Problem(
                "In how many different orders can the letters of \"" + word + "\" be written?",
                work.toString(),
                Long.toString(orders));
    }

    private static long factorial(int n) {
        return n <= 1 ? 1 : n * factorial(n - 1);
    }
}
