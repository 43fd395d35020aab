package dev.hone.datasets.procedural.numbers;

import dev.hone.datasets.procedural.TaskGenerator;
import java.util.List;

/** The generators of this package. */
public final class NumberTasks {
    private NumberTasks() {}

    public static List<TaskGenerator> all() {
        return List.of(
                new GreatestCommonDivisor(),
                new LeastCommonMultiple(),
                new PrimeFactors(),
                new ModularPower(),
                new FractionSum(),
                new Percent(),
                new BaseConversion());
    }
}
