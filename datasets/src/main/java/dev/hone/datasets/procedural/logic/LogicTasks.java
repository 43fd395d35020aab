package dev.hone.datasets.procedural.logic;

import dev.hone.datasets.procedural.TaskGenerator;
import java.util.List;

/** The generators of this package. */
public final class LogicTasks {
    private LogicTasks() {}

    public static List<TaskGenerator> all() {
        return List.of(new Ordering(), new Seating(), new CountModels(), new SetOperations());
    }
}
