package dev.hone.datasets.procedural;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Geometry by counting points, cubes and whole turns. */
final class GeometryOracles {
    static final Map<String, UnaryOperator<String>> BY_NAME = Map.of(
            "polygon_area", GeometryOracles::polygonArea,
            "right_triangle", GeometryOracles::rightTriangle,
            "angle_sum", GeometryOracles::angleSum,
            "box_solid", GeometryOracles::boxSolid);

    private GeometryOracles() {}

    /** Pick's theorem: points inside, and half of those on the sides, less one. */
    private static String polygonArea(String prompt) {
        List<int[]> corners = new ArrayList<>();
        Matcher corner = Pattern.compile("\\((-?\\d+),(-?\\d+)\\)").matcher(prompt);
        while (corner.find()) {
            corners.add(new int[] {Integer.parseInt(corner.group(1)), Integer.parseInt(corner.group(2))});
        }
        int inside = 0;
        int onSides = 0;
        for (int x = -40; x <= 40; x++) {
            for (int y = -40; y <= 40; y++) {
                boolean in = false;
                boolean on = false;
                for (int i = 0; i < corners.size(); i++) {
                    int[] a = corners.get(i);
                    int[] b = corners.get((i + 1) % corners.size());
                    long cross = (long) (b[0] - a[0]) * (y - a[1]) - (long) (b[1] - a[1]) * (x - a[0]);
                    on |= cross == 0
                            && x >= Math.min(a[0], b[0])
                            && x <= Math.max(a[0], b[0])
                            && y >= Math.min(a[1], b[1])
                            && y <= Math.max(a[1], b[1]);
                    if (a[1] > y != b[1] > y) {
                        boolean left = b[1] > a[1] ? cross > 0 : cross < 0;
                        in ^= left;
                    }
                }
                onSides += on ? 1 : 0;
                inside += in && !on ? 1 : 0;
            }
        }
        int twice = 2 * inside + onSides - 2;
        return twice % 2 == 0 ? Integer.toString(twice / 2) : twice / 2 + ".5";
    }

    private static String rightTriangle(String prompt) {
        List<Long> sides =
                Oracles.naturals(prompt).stream().map(side -> (long) side).toList();
        long square = prompt.startsWith("The hypotenuse")
                ? sides.get(0) * sides.get(0) - sides.get(1) * sides.get(1)
                : sides.stream().mapToLong(side -> side * side).sum();
        List<String> roots = IntStream.rangeClosed(1, 5000)
                .filter(root -> (long) root * root == square)
                .mapToObj(String::valueOf)
                .toList();
        return Oracles.only(roots, prompt);
    }

    /** Walking around, one turns by 360 degrees in all: 180 less each angle. */
    private static String angleSum(String prompt) {
        int turned =
                Oracles.naturals(prompt).stream().mapToInt(angle -> 180 - angle).sum();
        return Integer.toString(180 - (360 - turned));
    }

    /** Counts unit cubes, or their faces that no other cube covers. */
    private static String boxSolid(String prompt) {
        List<Integer> numbers = Oracles.naturals(prompt);
        int depth = numbers.get(numbers.size() - 1);
        int cubes = 0;
        int faces = 0;
        for (int i = 0; i + 1 < numbers.size(); i += 2) {
            int width = numbers.get(i);
            int height = numbers.get(i + 1);
            for (int x = 0; x < width; x++) {
                for (int y = 0; y < depth; y++) {
                    for (int z = 0; z < height; z++) {
                        cubes++;
                        faces += (x == 0 ? 1 : 0) + (y == 0 ? 1 : 0) + (z == 0 ? 1 : 0);
                        faces += (x == width - 1 ? 1 : 0) + (y == depth - 1 ? 1 : 0) + (z == height - 1 ? 1 : 0);
                    }
                }
            }
        }
        return Integer.toString(prompt.contains("surface") ? faces : cubes);
    }

    static String joined(List<Integer> numbers) {
        return numbers.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }
}
