package dev.hone.datasets.procedural.algebra;

import dev.hone.datasets.procedural.TaskGenerator;
import java.util.List;

/** The generators of this package. */
public final class AlgebraTasks {
    private AlgebraTasks() {}

    public static List<TaskGenerator> all() {
        return List.of(
                new LinearSystem(),
                new QuadraticEquation(),
                new PolynomialValue(),
                new PolynomialProduct(),
                new SequenceTerm());
    }
}
