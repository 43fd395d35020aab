package dev.hone.datasets.procedural.strings;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.Random;

/** {@code How often does "a" occur in "banana"?}, worked by the letters with the count so far at each one. */
final class LetterCount extends LeveledGenerator {
    private static final int[] LENGTH = {6, 10, 18, 30};

    LetterCount() {
        super("letter_count", "code", "value", LENGTH.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        String word = Words.word(random, LENGTH[level - 1], 4);
        char letter = (char) ('a' + random.nextInt(4));
        StringBuilder work = new StringBuilder();
        int count = 0;
        for (char c : word.toCharArray()) {
            work.append(c);
            if (c == letter) {
                count++;
                work.append(count);
            }
        }
        return new Problem(
                "How often does \"" + letter + "\" occur in \"" + word + "\"?", work + "\n", Integer.toString(count));
    }
}
