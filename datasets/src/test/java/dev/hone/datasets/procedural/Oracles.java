package dev.hone.datasets.procedural;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A second opinion on every generator: from a prompt to its answer. */
final class Oracles {
    private static final Pattern NATURAL = Pattern.compile("\\d+");

    private Oracles() {}

    static Map<String, UnaryOperator<String>> byName() {
        Map<String, UnaryOperator<String>> all = new HashMap<>();
        for (Map<String, UnaryOperator<String>> some : List.of(
                MathOracles.BY_NAME,
                NumberOracles.BY_NAME,
                AlgebraOracles.BY_NAME,
                GeometryOracles.BY_NAME,
                CombinatoricsOracles.BY_NAME,
                LogicOracles.BY_NAME,
                AlgorithmOracles.BY_NAME,
                StringOracles.BY_NAME,
                CodeOracles.BY_NAME)) {
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

    /** All natural numbers in a text, in their order. */
    static List<Integer> naturals(String text) {
        List<Integer> numbers = new ArrayList<>();
        Matcher number = NATURAL.matcher(text);
        while (number.find()) {
            numbers.add(Integer.parseInt(number.group()));
        }
        return numbers;
    }

    /** What is between two texts. */
    static String between(String text, String before, String after) {
        int start = text.indexOf(before) + before.length();
        return text.substring(start, text.indexOf(after, start));
    }
}
