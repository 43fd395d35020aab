package dev.hone.datasets.procedural.combinatorics;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * {@code How many ways lead from (0,0) to (3,4) in steps right and up, not through (1,2)?}, worked by the number of ways
 * to each crossing, row by row from below.
 */
final class GridPaths extends LeveledGenerator {
    private static final int[] LARGEST = {4, 5, 6, 7};
    private static final int[] BLOCKED = {1, 1, 2, 3};

    GridPaths() {
        super("grid_paths", "math", "value", LARGEST.length);
    }

    private record Crossing(int x, int y) {}

    @Override
    protected Problem problem(int level, Random random) {
        while (true) {
            int width = between(random, 1 + level, LARGEST[level - 1]);
            int height = between(random, 1 + level, LARGEST[level - 1]);
            List<Crossing> blocked = new ArrayList<>();
            while (blocked.size() < BLOCKED[level - 1]) {
                Crossing crossing = new Crossing(between(random, 0, width), between(random, 0, height));
                boolean end = crossing.x() + crossing.y() == 0 || crossing.x() + crossing.y() == width + height;
                if (!end && !blocked.contains(crossing)) {
                    blocked.add(crossing);
                }
            }
            StringBuilder work = new StringBuilder();
            long[] row = new long[width + 1];
            row[0] = 1;
            for (int y = 0; y <= height; y++) {
                for (int x = 0; x <= width; x++) {
                    row[x] = blocked.contains(new Crossing(x, y)) ? 0 : row[x] + (x > 0 ? row[x - 1] : 0);
                    work.append(x == 0 ? "" : " ").append(row[x]);
                }
                work.append('\n');
            }
            if (row[width] > 0) {
                return new Problem(prompt(width, height, blocked), work.toString(), Long.toString(row[width]));
            }
        }
    }

    private static String prompt(int width, int height, List<Crossing> blocked) {
        String through = blocked.stream()
                .map(crossing -> "(" + crossing.x() + "," + crossing.y() + ")")
                .collect(Collectors.joining(" or "));
        return "How many ways lead from (0,0) to (" + width + "," + height
                + ") in steps of 1 to the right or up, and not through " + through + "?";
    }
}
