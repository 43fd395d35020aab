package dev.hone.datasets.procedural;

import dev.hone.datasets.UserError;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The task generators by name. */
public final class TaskGenerators {
    private static final Map<String, TaskGenerator> BY_NAME = List.<TaskGenerator>of(
                    new Arithmetic(),
                    new LinearEquation(),
                    new KnightsKnaves(),
                    new Propositional(),
                    new StringProgram())
            .stream()
            .collect(Collectors.toUnmodifiableMap(TaskGenerator::name, Function.identity()));

    private TaskGenerators() {}

    /** @throws UserError where there is none of that name; names the nearest */
    public static TaskGenerator named(String name) {
        TaskGenerator generator = BY_NAME.get(name);
        if (generator == null) {
            throw UserError.unknownName("task generator", name, names());
        }
        return generator;
    }

    public static Set<String> names() {
        return BY_NAME.keySet();
    }
}
