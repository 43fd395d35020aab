package dev.hone.datasets.procedural.geometry;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/** {@code What is the area of the polygon (0,0) (4,0) (4,3)?}, worked by the shoelace formula, a line for each side. */
final class PolygonArea extends LeveledGenerator {
    private static final int[] LOWER = {0, 1, 1, 2, 3};
    private static final int[] UPPER = {1, 1, 2, 2, 3};

    PolygonArea() {
        super("polygon_area", "math", "value", LOWER.length);
    }

    private record Point(int x, int y) {}

    @Override
    protected Problem problem(int level, Random random) {
        int most = 3 + 2 * level;
        int width = Math.max(4, most + 2);
        List<Point> corners = new ArrayList<>();
        // A chain below the axis, then one above it back: the sides never cross.
        corners.add(new Point(0, 0));
        chain(random, LOWER[level - 1], width).forEach(x -> corners.add(new Point(x, -between(random, 1, most))));
        corners.add(new Point(width, level == 1 ? between(random, -3, 3) : 0));
        List<Integer> back = chain(random, UPPER[level - 1], width);
        for (int i = back.size() - 1; i >= 0; i--) {
            corners.add(new Point(back.get(i), between(random, 4, most + 3)));
        }
        StringBuilder work = new StringBuilder();
        int twice = 0;
        for (int i = 0; i < corners.size(); i++) {
            Point a = corners.get(i);
            Point b = corners.get((i + 1) % corners.size());
            int cross = a.x() * b.y() - b.x() * a.y();
            twice += cross;
            work.append(a.x())
                    .append('*')
                    .append(b.y())
                    .append('-')
                    .append(b.x())
                    .append('*')
                    .append(a.y());
            work.append('=').append(cross).append('\n');
        }
        String area = twice % 2 == 0 ? Integer.toString(twice / 2) : twice / 2 + ".5";
        work.append("sum ").append(twice).append(", half of it ").append(area).append('\n');
        String list = corners.stream()
                .map(corner -> "(" + corner.x() + "," + corner.y() + ")")
                .collect(Collectors.joining(" "));
        return new Problem("What is the area of the polygon " + list + "?", work.toString(), area);
    }

    private static List<Integer> chain(Random random, int count, int width) {
        return distinct(random, count, 1, width - 1).stream().sorted().toList();
    }
}
