package dev.hone.datasets.procedural;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A second opinion on every generator: from a prompt to its answer. */
final class Oracles {
    private Oracles() {}

    static Map<String, UnaryOperator<String>> byName() {
        Map<String, UnaryOperator<String>> all = new HashMap<>();
        for (Map<String, UnaryOperator<String>> some :
                List.of(MathOracles.BY_NAME, LogicOracles.BY_NAME, CodeOracles.BY_NAME)) {
            all.putAll(some);
        }
        return all;
    }

    /** The one solution there must be. */
    static String only(List<String> solutions, String prompt) {
        if (solutions.size() != 1) {
            throw new AssertionError("Solutions of " + prompt + ": " + solutions);
        }
        return solutions.get(0);
    }
}
