package dev.hone.datasets.procedural.combinatorics;

import dev.hone.datasets.procedural.TaskGenerator;
import java.util.List;

/** The generators of this package. */
public final class CombinatoricsTasks {
    private CombinatoricsTasks() {}

    public static List<TaskGenerator> all() {
        return List.of(new Committees(), new GridPaths(), new DiceSum(), new LetterArrangements());
    }
}
