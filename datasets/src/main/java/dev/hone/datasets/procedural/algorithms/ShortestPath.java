package dev.hone.datasets.procedural.algorithms;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.Arrays;
import java.util.Random;
import java.util.StringJoiner;

/** {@code Roads: A-B 3, B-C 4, A-C 9. How long is the shortest way from A to C?}, worked by Dijkstra's algorithm. */
final class ShortestPath extends LeveledGenerator {
    private static final int[] TOWNS = {4, 5, 6, 8};
    private static final int[] EXTRA_ROADS = {1, 2, 4, 6};
    private static final int FAR = Integer.MAX_VALUE / 2;

    ShortestPath() {
        super("shortest_path", "code", "value", TOWNS.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        int towns = TOWNS[level - 1];
        int[][] roads = new int[towns][towns];
        // Every town joins an earlier one, so all are connected.
        for (int town = 1; town < towns; town++) {
            join(roads, town, random.nextInt(town), between(random, 1, 9));
        }
        for (int extra = 0; extra < EXTRA_ROADS[level - 1]; ) {
            int a = random.nextInt(towns);
            int b = random.nextInt(towns);
            if (a != b && roads[a][b] == 0) {
                join(roads, a, b, between(random, 1, 15));
                extra++;
            }
        }
        StringJoiner list = new StringJoiner(", ");
        for (int a = 0; a < towns; a++) {
            for (int b = a + 1; b < towns; b++) {
                if (roads[a][b] > 0) {
                    list.add(name(a) + "-" + name(b) + " " + roads[a][b]);
                }
            }
        }
        StringBuilder work = new StringBuilder();
        int distance = dijkstra(roads, work);
        return new Problem(
                "Roads: " + list + ". How long is the shortest way from A to " + name(towns - 1) + "?",
                work.toString(),
                Integer.toString(distance));
    }

    private static void join(int[][] roads, int a, int b, int length) {
        roads[a][b] = length;
        roads[b][a] = length;
    }

    /** From the first town to the last; a line for each town settled, with the tentative distances after it. */
    private static int dijkstra(int[][] roads, StringBuilder work) {
        int towns = roads.length;
        int[] distances = new int[towns];
        Arrays.fill(distances, FAR);
        distances[0] = 0;
        boolean[] settled = new boolean[towns];
        while (!settled[towns - 1]) {
            int nearest = -1;
            for (int town = 0; town < towns; town++) {
                if (!settled[town] && (nearest < 0 || distances[town] < distances[nearest])) {
                    nearest = town;
                }
            }
            settled[nearest] = true;
            work.append(name(nearest)).append(' ').append(distances[nearest]).append(':');
            for (int town = 0; town < towns; town++) {
                int length = roads[nearest][town];
                if (length > 0 && !settled[town] && distances[nearest] + length < distances[town]) {
                    distances[town] = distances[nearest] + length;
                    work.append(' ')
                            .append(name(town))
                            .append('=')
                            .append(distances[nearest])
                            .append('+');
                    work.append(length).append('=').append(distances[town]);
                }
            }
            work.append('\n');
        }
        return distances[towns - 1];
    }

    private static char name(int town) {
        return (char) ('A' + town);
    }
}
