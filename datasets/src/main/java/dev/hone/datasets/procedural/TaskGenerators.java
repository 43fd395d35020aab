package dev.hone.datasets.procedural;

import dev.hone.datasets.UserError;
import dev.hone.datasets.procedural.algebra.AlgebraTasks;
import dev.hone.datasets.procedural.algorithms.AlgorithmTasks;
import dev.hone.datasets.procedural.code.CodeTasks;
import dev.hone.datasets.procedural.combinatorics.CombinatoricsTasks;
import dev.hone.datasets.procedural.geometry.GeometryTasks;
import dev.hone.datasets.procedural.logic.LogicTasks;
import dev.hone.datasets.procedural.numbers.NumberTasks;
import dev.hone.datasets.procedural.strings.StringTasks;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The task generators by name. */
public final class TaskGenerators {
    private static final Map<String, TaskGenerator> BY_NAME = Stream.of(
                    List.<TaskGenerator>of(
                            new Arithmetic(),
                            new LinearEquation(),
                            new KnightsKnaves(),
                            new Propositional(),
                            new StringProgram()),
                    NumberTasks.all(),
                    AlgebraTasks.all(),
                    GeometryTasks.all(),
                    CombinatoricsTasks.all(),
                    LogicTasks.all(),
                    AlgorithmTasks.all(),
                    StringTasks.all(),
                    CodeTasks.all())
            .flatMap(List::stream)
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
