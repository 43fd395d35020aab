package dev.hone.datasets.procedural.geometry;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.Random;

/** Volumes and surfaces of solids of boxes: one box, and steps of boxes side by side. */
final class BoxSolid extends LeveledGenerator {
    private static final int[] BOXES = {1, 1, 2, 3, 4};

    BoxSolid() {
        super("box_solid", "math", "value", BOXES.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        int most = level == 1 ? 9 : 12;
        int depth = between(random, 2, most);
        if (level == 2) {
            return surface(between(random, 2, most), depth, between(random, 2, most));
        }
        StringBuilder prompt = new StringBuilder();
        StringBuilder work = new StringBuilder();
        int volume = 0;
        for (int i = 0; i < BOXES[level - 1]; i++) {
            int width = between(random, 2, most);
            int height = between(random, 2, most);
            int box = width * depth * height;
            prompt.append(i == 0 ? "" : ", ")
                    .append(width)
                    .append(" wide and ")
                    .append(height)
                    .append(" high");
            work.append(width)
                    .append('*')
                    .append(depth)
                    .append('*')
                    .append(height)
                    .append('=')
                    .append(box)
                    .append('\n');
            if (i > 0) {
                work.append(volume)
                        .append('+')
                        .append(box)
                        .append('=')
                        .append(volume + box)
                        .append('\n');
            }
            volume += box;
        }
        String what = level == 1 ? "A box is " : "Boxes stand side by side: ";
        return new Problem(
                what + prompt + ", and " + (level == 1 ? "it is " : "each is ") + depth + " deep. "
                        + (level == 1 ? "What is its volume?" : "What is their volume together?"),
                work.toString(),
                Integer.toString(volume));
    }

    private static Problem surface(int width, int depth, int height) {
        int front = width * height;
        int side = depth * height;
        int top = width * depth;
        String work = width + "*" + height + "=" + front + "\n" + depth + "*" + height + "=" + side + "\n" + width + "*"
                + depth + "=" + top + "\n2*(" + front + "+" + side + "+" + top + ")=" + 2 * (front + side + top) + "\n";
        return new Problem(
                "A box is " + width + " wide and " + height + " high, and it is " + depth
                        + " deep. What is its surface area?",
                work,
                Integer.toString(2 * (front + side + top)));
    }
}
