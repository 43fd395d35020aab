package dev.hone.datasets.procedural;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Answers to the mathematics generators' prompts, found from the prompt alone and by another way than theirs. */
final class MathOracles {
    static final Map<String, UnaryOperator<String>> BY_NAME =
            Map.of("arithmetic", MathOracles::arithmetic, "linear_equation", MathOracles::linearEquation);

    private static final Pattern TERM = Pattern.compile("([+*-]?)(\\d+)");

    private MathOracles() {}

    private static String arithmetic(String prompt) {
        Matcher term = TERM.matcher(prompt);
        long total = 0;
        while (term.find()) {
            long value = Long.parseLong(term.group(2));
            total = switch (term.group(1)) {
                case "*" -> total * value;
                case "-" -> total - value;
                default -> total + value;
            };
        }
        return Long.toString(total);
    }

    /** Tries every x. */
    private static String linearEquation(String prompt) {
        String[] sides = prompt.strip().split("=");
        List<String> solutions = new ArrayList<>();
        for (int x = -200; x <= 200; x++) {
            if (side(sides[0], x) == side(sides[1], x)) {
                solutions.add(Integer.toString(x));
            }
        }
        return Oracles.only(solutions, prompt);
    }

    private static long side(String side, int x) {
        Matcher bracketed = Pattern.compile("(\\d+)\\((.*)\\)").matcher(side);
        if (bracketed.matches()) {
            return Long.parseLong(bracketed.group(1)) * side(bracketed.group(2), x);
        }
        long sum = 0;
        Matcher term = Pattern.compile("([+-]?)(\\d*)(x?)").matcher(side);
        while (term.find()) {
            if (!term.group().isEmpty()) {
                long size = term.group(2).isEmpty() ? 1 : Long.parseLong(term.group(2));
                sum += (term.group(1).equals("-") ? -size : size)
                        * (term.group(3).isEmpty() ? 1 : x);
            }
        }
        return sum;
    }
}
