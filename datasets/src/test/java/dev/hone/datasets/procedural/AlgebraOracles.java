package dev.hone.datasets.procedural;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Algebra by trying numbers. */
final class AlgebraOracles {
    static final Map<String, UnaryOperator<String>> BY_NAME = Map.of(
            "linear_system", AlgebraOracles::linearSystem,
            "quadratic_equation", AlgebraOracles::quadraticEquation,
            "polynomial_value", AlgebraOracles::polynomialValue,
            "polynomial_product", AlgebraOracles::polynomialProduct,
            "sequence_term", AlgebraOracles::sequenceTerm);

    private static final Pattern TERM = Pattern.compile("([+-]?)(\\d*)(x?)(?:\\^(\\d+))?");

    private AlgebraOracles() {}

    private static String linearSystem(String prompt) {
        Matcher equation = Pattern.compile("(\\d*)x([+-]\\d*)y=(-?\\d+)").matcher(prompt);
        List<int[]> equations = new ArrayList<>();
        while (equation.find()) {
            equations.add(new int[] {
                coefficient(equation.group(1)), coefficient(equation.group(2)), Integer.parseInt(equation.group(3))
            });
        }
        List<String> solutions = new ArrayList<>();
        for (int x = -20; x <= 20; x++) {
            for (int y = -20; y <= 20; y++) {
                int a = x;
                int b = y;
                if (equations.stream().allMatch(e -> e[0] * a + e[1] * b == e[2])) {
                    solutions.add("(" + x + ", " + y + ")");
                }
            }
        }
        return Oracles.only(solutions, prompt);
    }

    private static int coefficient(String text) {
        return text.isEmpty() || text.equals("+") ? 1 : text.equals("-") ? -1 : Integer.parseInt(text.replace("+", ""));
    }

    private static String quadraticEquation(String prompt) {
        String polynomial = Oracles.between(prompt, "Solve ", "=0");
        return IntStream.rangeClosed(-50, 50)
                .filter(x -> value(polynomial, x) == 0)
                .mapToObj(String::valueOf)
                .collect(Collectors.joining(", "));
    }

    private static String polynomialValue(String prompt) {
        String polynomial = Oracles.between(prompt, "p(x)=", ". What");
        int x = Integer.parseInt(prompt.substring(prompt.lastIndexOf("p(") + 2, prompt.lastIndexOf(')')));
        return Long.toString(value(polynomial, x));
    }

    /** Interpolates the product from its values (Newton's differences), as it has so many factors of degree one. */
    private static String polynomialProduct(String prompt) {
        List<String> factors = new ArrayList<>();
        Matcher factor = Pattern.compile("\\(([^)]*)\\)").matcher(prompt);
        while (factor.find()) {
            factors.add(factor.group(1));
        }
        int degree = factors.size();
        long[] differences = new long[degree + 1];
        for (int x = 0; x <= degree; x++) {
            int at = x;
            differences[x] = factors.stream().mapToLong(f -> value(f, at)).reduce(1, (a, b) -> a * b);
        }
        for (int order = 1; order <= degree; order++) {
            for (int i = degree; i >= order; i--) {
                differences[i] = (differences[i] - differences[i - 1]) / order;
            }
        }
        long[] coefficients = new long[degree + 1];
        for (int order = degree; order >= 0; order--) {
            // times (x - order), plus the next divided difference
            for (int power = degree; power > 0; power--) {
                coefficients[power] = coefficients[power - 1] - order * coefficients[power];
            }
            coefficients[0] = differences[order] - order * coefficients[0];
        }
        StringBuilder text = new StringBuilder();
        for (int power = degree; power >= 0; power--) {
            long c = coefficients[power];
            if (c != 0) {
                text.append(c > 0 && !text.isEmpty() ? "+" : "")
                        .append(c == 1 && power > 0 ? "" : c == -1 && power > 0 ? "-" : c);
                text.append(power == 0 ? "" : power == 1 ? "x" : "x^" + power);
            }
        }
        return text.toString();
    }

    private static long value(String polynomial, int x) {
        long sum = 0;
        Matcher term = TERM.matcher(polynomial);
        while (term.find()) {
            if (!term.group().isEmpty()) {
                long value = term.group(2).isEmpty() ? 1 : Long.parseLong(term.group(2));
                int power = term.group(3).isEmpty() ? 0 : term.group(4) == null ? 1 : Integer.parseInt(term.group(4));
                for (int i = 0; i < power; i++) {
                    value *= x;
                }
                sum += term.group(1).equals("-") ? -value : value;
            }
        }
        return sum;
    }

    /** Continues the differences term by term. */
    private static String sequenceTerm(String prompt) {
        List<Long> terms = new ArrayList<>();
        for (String term : prompt.substring(0, prompt.indexOf(", ...")).split(", ")) {
            terms.add(Long.parseLong(term));
        }
        int n = Integer.parseInt(Oracles.between(prompt, "term ", "?"));
        while (terms.size() < n) {
            int last = terms.size() - 1;
            // Third differences vanish.
            terms.add(3 * terms.get(last) - 3 * terms.get(last - 1) + terms.get(last - 2));
        }
        return Long.toString(terms.get(n - 1));
    }
}
