package dev.hone.datasets.procedural.geometry;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/** {@code All angles but one of a convex polygon are 90, 120, 75 degrees. What is the last one, in degrees?} */
final class AngleSum extends LeveledGenerator {
    private static final int[] CORNERS = {3, 4, 5, 7, 9};

    AngleSum() {
        super("angle_sum", "math", "value", CORNERS.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        int corners = CORNERS[level - 1];
        int sum = (corners - 2) * 180;
        List<Integer> angles;
        int given;
        do {
            angles = new ArrayList<>();
            given = 0;
            for (int i = 0; i < corners - 1; i++) {
                int angle = between(random, Math.max(15, sum / corners - 50), Math.min(175, sum / corners + 40));
                angles.add(angle);
                given += angle;
            }
        } while (sum - given < 5 || sum - given > 178);
        StringBuilder work = new StringBuilder("(" + corners + "-2)*180=" + sum + "\n");
        int left = sum;
        for (int angle : angles) {
            work.append(left)
                    .append('-')
                    .append(angle)
                    .append('=')
                    .append(left - angle)
                    .append('\n');
            left -= angle;
        }
        String list = angles.stream().map(String::valueOf).collect(Collectors.joining(", "));
        return new Problem(
                "All angles but one of a convex polygon are " + list + " degrees. What is the last one, in degrees?",
                work.toString(),
                Integer.toString(left));
    }
}
