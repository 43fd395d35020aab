package dev.hone.datasets.procedural.strings;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.Random;

/** {@code Write "aaabb" as runs, each its length and letter.} is {@code 3a2b}; a run a line. */
final class RunLength extends LeveledGenerator {
    private static final int[] RUNS = {2, 3, 5, 8};
    private static final int[] LONGEST = {5, 6, 9, 12};

    RunLength() {
        super("run_length", "code", "exact", RUNS.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        StringBuilder text = new StringBuilder();
        StringBuilder runs = new StringBuilder();
        StringBuilder work = new StringBuilder();
        char before = ' ';
        for (int run = 0; run < RUNS[level - 1]; run++) {
            char letter;
            do {
                letter = (char) ('a' + random.nextInt(5));
            } while (letter == before);
            int length = between(random, 1, LONGEST[level - 1]);
            text.append(String.valueOf(letter).repeat(length));
            runs.append(length).append(letter);
            work.append(String.valueOf(letter).repeat(length))
                    .append(' ')
                    .append(length)
                    .append('\n');
            before = letter;
        }
        return new Problem(
                "Write \"" + text + "\" as its runs, each as its length and its letter, without spaces.",
                work.toString(),
                runs.toString());
    }
}
