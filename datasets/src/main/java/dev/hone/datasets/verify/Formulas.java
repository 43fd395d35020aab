package dev.hone.datasets.verify;

import dev.hone.datasets.verify.ComputerAlgebra.NoDecision;
import dev.hone.datasets.verify.Expression.Calculus;
import dev.hone.datasets.verify.Expression.Call;
import dev.hone.datasets.verify.Expression.Name;
import dev.hone.datasets.verify.Expression.Number;
import java.math.BigDecimal;
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
 * Whether two formulas have the same value.
 *
 * <p>Numbers are compared as exact fractions. Other formulas are compared at random points, which refutes or affirms
 * almost all of them in microseconds (Schwartz 1980, Zippel 1979); computer algebra decides where that is too close to
 * call or has no values.
 */
final class Formulas {
    /** Of the two seconds that a response may take, reading it included. */
    private static final Duration LIMIT = Duration.ofMillis(1800);

    private static final int POINTS = 16;
    private static final int ENOUGH = 5;
    private static final int WHOLE_POINTS = 20;
    /** Letters that by custom stand for whole numbers. */
    private static final Set<String> WHOLE = Set.of("n", "m", "k", "N");

    private static final Set<Function> WHOLE_FUNCTIONS =
            Set.of(Function.FLOOR, Function.CEIL, Function.FACTORIAL, Function.BINOM);
    /** Doubles of two equal formulas differ by less. */
    private static final double SAME = 1e-12;

    private static final double DIFFERENT = 1e-8;

    /** What may be nothing but rounding, such as the sine of pi. */
    private static final double SMALL = 1e-9;

    /** A decimal of so many digits stands for the irrational number it is rounded from. */
    private static final int ENOUGH_DECIMALS = 6;

    private Formulas() {}

    /** @throws NoDecision where computer algebra was needed and failed */
    static boolean areEqual(Expression a, Expression b) throws NoDecision {
        if (a.equals(b)) {
            return true;
        }
        Optional<Rational> exactA = a.exact();
        Optional<Rational> exactB = b.exact();
        if (exactA.isPresent() && exactB.isPresent()) {
            return exactA.get().equals(exactB.get()) || isRounded(a, exactB.get()) || isRounded(b, exactA.get());
        }
        if (a instanceof Calculus integral && integral.isIndefinite()) {
            return isAntiderivative(b, integral);
        }
        if (b instanceof Calculus integral && integral.isIndefinite()) {
            return isAntiderivative(a, integral);
        }
        for (Expression renamed : IntegrationConstants.renamed(a, b)) {
            if (areEqual(a, renamed)) {
                return true;
            }
        }
        if (IntegrationConstants.absorb(a, b)) {
            return true;
        }
        Set<String> names = new TreeSet<>(a.names());
        names.addAll(b.names());
        if (names.contains("∞") || names.contains("ℝ")) {
            return areEqualSymbols(a, b);
        }
        names.remove("i");
        return names.isEmpty() ? areEqualConstants(a, b) : areEqualEverywhere(a, b, names);
    }

    private static boolean isAntiderivative(Expression formula, Calculus integral) throws NoDecision {
        return areEqual(
                integral.body(), new Calculus(Calculus.Operation.DERIVATIVE, formula, integral.variable(), List.of()));
    }

    /** {@code +∞} and {@code ∞}. */
    private static boolean areEqualSymbols(Expression a, Expression b) {
        return bare(a).equals(bare(b));
    }

    private static Expression bare(Expression formula) {
        return formula instanceof Expression.Binary sum
                        && sum.operator() == '+'
                        && sum.left().equals(Expression.number(0))
                ? sum.right()
                : formula;
    }

    /** Whether a decimal of six or more digits is what a fraction that has no end rounds to or is cut to. */
    private static boolean isRounded(Expression decimal, Rational value) {
        if (!(decimal instanceof Number number) || number.decimals() < ENOUGH_DECIMALS) {
            return false;
        }
        Rational scaled = value.times(
                Rational.of(10).power(Rational.of(number.decimals())).orElse(Rational.of(1)));
        Rational difference = number.value().plus(value.negated());
        Rational step = Rational.of(10).power(Rational.of(-number.decimals())).orElse(Rational.of(0));
        Rational size = difference.numerator().signum() < 0 ? difference.negated() : difference;
        boolean nearest = size.times(Rational.of(2)).compareTo(step) <= 0;
        boolean cut = size.compareTo(step) < 0
                && difference.numerator().signum() == -value.numerator().signum();
        return !scaled.isWhole() && (nearest || cut);
    }

    private static boolean isRounded(Expression decimal, double value) {
        return decimal instanceof Number number
                && number.decimals() <= 15
                && Double.isFinite(value)
                && isRounded(decimal, Rational.of(new BigDecimal(value).toPlainString()));
    }

    private static boolean areEqualConstants(Expression a, Expression b) throws NoDecision {
        Complex x = constant(a);
        Complex y = constant(b);
        if (x.isFinite() && y.isFinite()) {
            if (x.im() == 0 && y.im() == 0 && (isRounded(a, y.re()) || isRounded(b, x.re()))) {
                return true;
            }
            double difference = x.minus(y).abs() / Math.max(x.abs(), y.abs());
            if (x.equals(y) || difference <= SAME) {
                return !hasTinyPart(a) && !hasTinyPart(b) || ask(a, b);
            }
            if (difference > DIFFERENT && Math.max(x.abs(), y.abs()) > SMALL) {
                return false;
            }
        } else if (Math.abs(a.logSize() / b.logSize() - 1) > DIFFERENT) {
            return false;
        } else if (Double.isInfinite(x.re()) != Double.isInfinite(y.re()) && (x.isFinite() || y.isFinite())) {
            return false;
        }
        return ask(a, b);
    }

    /** A sum of numbers so unlike in size that doubles lose one. */
    private static boolean hasTinyPart(Expression formula) {
        if (!(formula instanceof Expression.Binary binary)) {
            return false;
        }
        if (binary.operator() == '+' || binary.operator() == '-') {
            double left = constant(binary.left()).abs();
            double right = constant(binary.right()).abs();
            if (left > 0 && right > 0 && Math.min(left, right) < 1e-9 * Math.max(left, right)) {
                return true;
            }
        }
        return hasTinyPart(binary.left()) || hasTinyPart(binary.right());
    }

    private static Complex constant(Expression formula) {
        double real = formula.at(Map.of());
        return Double.isNaN(real) ? formula.complexAt(Map.of()) : Complex.of(real);
    }

    private static boolean areEqualEverywhere(Expression a, Expression b, Set<String> names) throws NoDecision {
        if (WHOLE.containsAll(names) && (isOfWholeNumbers(a) || isOfWholeNumbers(b))) {
            return areEqualAtWholeNumbers(a, b, names);
        }
        boolean complex = a.names().contains("i") || b.names().contains("i");
        int compared = 0;
        int close = 0;
        for (Map<String, Double> values : points(names)) {
            Complex x = complex ? a.complexAt(values) : Complex.of(a.at(values));
            Complex y = complex ? b.complexAt(values) : Complex.of(b.at(values));
            if (x.isFinite() && y.isFinite()) {
                double difference = x.minus(y).abs() / Math.max(1e-6, Math.max(x.abs(), y.abs()));
                if (difference > DIFFERENT) {
                    return false;
                }
                compared++;
                close += difference <= 1e-10 ? 1 : 0;
            }
        }
        return compared >= ENOUGH && close >= compared - 2 || ask(a, b);
    }

    /** Whether it is meant for whole numbers alone: {@code (-1)^n}, {@code n!}, {@code \lfloor n/2\rfloor}, a sum to n. */
    private static boolean isOfWholeNumbers(Expression formula) {
        if (formula instanceof Call call) {
            return WHOLE_FUNCTIONS.contains(call.function())
                    || call.arguments().stream().anyMatch(Formulas::isOfWholeNumbers);
        }
        if (formula instanceof Calculus calculus) {
            return calculus.operation() == Calculus.Operation.SUM || calculus.operation() == Calculus.Operation.PRODUCT;
        }
        if (!(formula instanceof Expression.Binary binary)) {
            return false;
        }
        boolean alternates = binary.operator() == '^'
                && binary.left().at(Map.of()) < 0
                && !binary.right().names().isEmpty();
        return alternates || isOfWholeNumbers(binary.left()) || isOfWholeNumbers(binary.right());
    }

    private static boolean areEqualAtWholeNumbers(Expression a, Expression b, Set<String> names) throws NoDecision {
        Random random = new Random(2);
        int compared = 0;
        for (int point = 0; point < WHOLE_POINTS; point++) {
            Map<String, Double> values = new HashMap<>();
            for (String name : names) {
                values.put(name, names.size() == 1 ? 2.0 + point : 2.0 + random.nextInt(WHOLE_POINTS));
            }
            double x = a.at(values);
            double y = b.at(values);
            if (Double.isFinite(x) && Double.isFinite(y)) {
                if (Math.abs(x - y) > DIFFERENT * Math.max(1e-6, Math.max(Math.abs(x), Math.abs(y)))) {
                    return false;
                }
                compared++;
            }
        }
        return compared >= ENOUGH || ask(a, b);
    }

    /** Half of them positive, where roots and logarithms have values; then of both signs; then whole. */
    static List<Map<String, Double>> points(Set<String> names) {
        Random random = new Random(1);
        List<Map<String, Double>> points = new ArrayList<>();
        for (int point = 0; point < POINTS; point++) {
            Map<String, Double> values = new HashMap<>();
            for (String name : names) {
                double size = 0.3 + 2.4 * random.nextDouble();
                boolean negative = point >= POINTS / 2 && random.nextBoolean();
                values.put(name, negative ? -size : size);
            }
            points.add(values);
        }
        for (int point = 0; point < 3; point++) {
            Map<String, Double> values = new HashMap<>();
            for (String name : names) {
                values.put(name, 2.0 + random.nextInt(6));
            }
            points.add(values);
        }
        return points;
    }

    private static boolean ask(Expression a, Expression b) throws NoDecision {
        if (a.isHuge() || b.isHuge()) {
            return Residues.areEqual(a, b)
                    .orElseThrow(() -> new NoDecision("undecided: a power is too large to work out"));
        }
        return ComputerAlgebra.isZero(a.toSymja() + "-" + b.toSymja(), LIMIT);
    }

    static boolean isInfinity(Expression formula) {
        return bare(formula).equals(new Name("∞"));
    }

    static boolean isMinusInfinity(Expression formula) {
        return formula.equals(new Name("∞").negated());
    }
}
