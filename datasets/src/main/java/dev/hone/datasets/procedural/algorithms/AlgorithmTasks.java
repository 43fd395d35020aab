package dev.hone.datasets.procedural.algorithms;

import dev.hone.datasets.procedural.TaskGenerator;
import java.util.List;

/** The generators of this package. */
public final class AlgorithmTasks {
    private AlgorithmTasks() {}

    public static List<TaskGenerator> all() {
        return List.of(
                new BubbleSort(),
                new BinarySearch(),
                new ShortestPath(),
                new Knapsack(),
                new CoinChange(),
                new IncreasingSubsequence());
    }
}
