package dev.hone.datasets.procedural.logic;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * {@code A=1 2 4, B=2 3. List A union B from the smallest.} Sets are numbers from 1 to 12 and written in ascending order; the solution is
 * one operation a line.
 */
final class SetOperations extends LeveledGenerator {
    private static final int[] OPERATIONS = {1, 1, 2, 3};
    private static final int[] LARGEST = {9, 12, 12, 12};
    private static final String[] WORDS = {"union", "intersection", "minus"};

    SetOperations() {
        super("set_operations", "logic", "exact", OPERATIONS.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        while (true) {
            StringBuilder prompt = new StringBuilder();
            int operations = OPERATIONS[level - 1];
            List<Integer> sets = new ArrayList<>();
            for (int i = 0; i <= operations; i++) {
                int set = 0;
                for (int element : distinct(random, between(random, 2 + level / 2, 3 + level), 1, LARGEST[level - 1])) {
                    set |= 1 << element;
                }
                sets.add(set);
                prompt.append(i == 0 ? "" : ", ")
                        .append((char) ('A' + i))
                        .append('=')
                        .append(text(set));
            }
            prompt.append(". List ").append("(".repeat(operations - 1)).append('A');
            StringBuilder work = new StringBuilder();
            int result = sets.get(0);
            for (int i = 1; i <= operations; i++) {
                int operation = random.nextInt(WORDS.length);
                prompt.append(i > 1 ? ") " : " ")
                        .append(WORDS[operation])
                        .append(' ')
                        .append((char) ('A' + i));
                work.append(text(result))
                        .append(' ')
                        .append(WORDS[operation])
                        .append(' ')
                        .append(text(sets.get(i)));
                result = switch (operation) {
                    case 0 -> result | sets.get(i);
                    case 1 -> result & sets.get(i);
                    default -> result & ~sets.get(i);
                };
                work.append(" = ").append(text(result)).append('\n');
            }
            // An empty set would have nothing to list.
            if (result != 0) {
                return new Problem(prompt + " from the smallest.", work.toString(), text(result));
            }
        }
    }

    private static String text(int set) {
        StringBuilder text = new StringBuilder();
        for (int element = 1; element <= 12; element++) {
            if ((set >> element & 1) == 1) {
                text.append(text.isEmpty() ? "" : " ").append(element);
            }
        }
        return text.toString();
    }
}
