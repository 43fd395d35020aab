package dev.hone.datasets.procedural.code;

import dev.hone.datasets.procedural.TaskGenerator;
import java.util.List;

/** The generators of this package. */
public final class CodeTasks {
    private CodeTasks() {}

    public static List<TaskGenerator> all() {
        return List.of(new StackMachine(), new LoopProgram(), new Bitwise(), new ListComprehension());
    }
}
