package dev.hone.datasets.verify;

import dev.hone.datasets.verify.ComputerAlgebra.NoDecision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whether two mathematical texts mean the same.
 *
 * <p>Numbers are compared as exact fractions. Formulas are compared at random points, which refutes or affirms almost
 * all of them in microseconds (Schwartz 1980, Zippel 1979); computer algebra decides what has no real values there.
 */
final class MathEquivalence {
    private static final Duration LIMIT = Duration.ofSeconds(3);
    private static final int POINTS = 8;
    private static final double TOLERANCE = 1e-9;

    private MathEquivalence() {}

    /** @throws NoDecision where computer algebra was needed and failed */
    static boolean areEqual(MathText key, MathText answer) throws NoDecision {
        if (key.text().replace(" ", "").equals(answer.text().replace(" ", ""))) {
            return true;
        }
        List<MathText> keys = key.elements();
        List<MathText> answers = answer.elements();
        if (keys.size() != answers.size()) {
            return false;
        }
        if (keys.size() == 1) {
            return areEqualFormulas(key, answer);
        }
        if (!key.brackets().equals(answer.brackets())) {
            return false;
        }
        boolean ordered = !key.brackets().isEmpty() && !key.brackets().equals("{}");
        return ordered ? areEqualInOrder(keys, answers) : areEqualInAnyOrder(keys, answers);
    }

    private static boolean areEqualInOrder(List<MathText> keys, List<MathText> answers) throws NoDecision {
        for (int i = 0; i < keys.size(); i++) {
            if (!areEqual(keys.get(i), answers.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean areEqualInAnyOrder(List<MathText> keys, List<MathText> answers) throws NoDecision {
        List<MathText> left = new ArrayList<>(answers);
        for (MathText key : keys) {
            boolean found = false;
            for (int i = 0; i < left.size() && !found; i++) {
                if (areEqual(key, left.get(i))) {
                    left.remove(i);
                    found = true;
                }
            }
            if (!found) {
                return false;
            }
        }
        return true;
    }

    private static boolean areEqualFormulas(MathText key, MathText answer) throws NoDecision {
        Optional<Expression> expected = MathParser.parse(key.text());
        Optional<Expression> given = MathParser.parse(answer.text());
        if (expected.isEmpty() || given.isEmpty()) {
            return key.text().equalsIgnoreCase(answer.text());
        }
        Optional<Rational> expectedValue = expected.get().exact();
        Optional<Rational> givenValue = given.get().exact();
        if (expectedValue.isPresent() && givenValue.isPresent()) {
            return areEqualNumbers(expectedValue.get(), key.percent(), givenValue.get(), answer.percent());
        }
        return areEqualEverywhere(expected.get(), given.get());
    }

    /** A percent sign on one side alone may scale by a hundred or just have been left out on the other. */
    private static boolean areEqualNumbers(Rational a, boolean aPercent, Rational b, boolean bPercent) {
        Rational hundred = Rational.of(100);
        return a.equals(b)
                || (aPercent && !bPercent && a.equals(b.times(hundred)))
                || (bPercent && !aPercent && b.equals(a.times(hundred)));
    }

    private static boolean areEqualEverywhere(Expression a, Expression b) throws NoDecision {
        Set<String> names = new TreeSet<>(a.names());
        names.addAll(b.names());
        int compared = 0;
        // The imaginary unit has no real value: such formulas are for computer algebra.
        if (!names.contains("i")) {
            Random random = new Random(1);
            for (int point = 0; point < POINTS; point++) {
                Map<String, Double> values = new HashMap<>();
                names.forEach(name -> values.put(name, 0.3 + 2.4 * random.nextDouble()));
                double x = a.at(values);
                double y = b.at(values);
                if (Double.isFinite(x) && Double.isFinite(y)) {
                    if (Math.abs(x - y) > TOLERANCE * Math.max(1e-6, Math.max(Math.abs(x), Math.abs(y)))) {
                        return false;
                    }
                    compared++;
                }
            }
        }
        if (compared >= POINTS / 2) {
            return true;
        }
        if (a.hasHugePower() || b.hasHugePower()) {
            throw new NoDecision("a power is too large to work out");
        }
        return ComputerAlgebra.isZero(a.toSymja() + "-" + b.toSymja(), LIMIT);
    }
}
