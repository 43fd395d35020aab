package dev.hone.datasets.procedural.strings;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.Random;

/** {@code At which place is the bracket that closes the one at place 2 of (()())?}, worked by counting the depth on. */
final class BracketMatch extends LeveledGenerator {
    private static final int[] PAIRS = {4, 6, 10, 16};

    BracketMatch() {
        super("bracket_match", "code", "value", PAIRS.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        String text = brackets(random, PAIRS[level - 1]);
        int start;
        do {
            start = random.nextInt(text.length());
        } while (text.charAt(start) != '(');
        StringBuilder work = new StringBuilder();
        int depth = 0;
        int place = start;
        do {
            depth += text.charAt(place) == '(' ? 1 : -1;
            work.append(place + 1).append(text.charAt(place)).append(depth).append(depth == 0 ? "\n" : " ");
            place++;
        } while (depth > 0);
        return new Problem(
                "At which place is the bracket that closes the one at place " + (start + 1) + " of " + text
                        + "? The first place is 1.",
                work.toString(),
                Integer.toString(place));
    }

    private static String brackets(Random random, int pairs) {
        StringBuilder text = new StringBuilder();
        int open = 0;
        int left = pairs;
        while (left > 0 || open > 0) {
            // Opening more often than closing makes deeper nests.
            if (left > 0 && (open == 0 || random.nextInt(5) < 3)) {
                text.append('(');
                open++;
                left--;
            } else {
                text.append(')');
                open--;
            }
        }
        return text.toString();
    }
}
