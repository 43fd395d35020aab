package dev.hone.datasets.verify;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** A formula in numbers and variables. */
sealed interface Expression {
    /**
     * A number as written.
     *
     * @param decimals how many digits were written after the point
     */
    record Number(Rational value, int decimals) implements Expression {
        Number(Rational value) {
            this(value, 0);
        }
    }

    /** A variable, or {@code pi}, {@code e}, {@code i}. */
    record Name(String text) implements Expression {}

    /** Two operands and one of {@code + - * / ^}. */
    record Binary(char operator, Expression left, Expression right) implements Expression {}

    /** A function of its arguments. */
    record Call(Function function, List<Expression> arguments) implements Expression {
        Call(Function function, Expression argument) {
            this(function, List.of(argument));
        }
    }

    /**
     * A limit, derivative, integral, sum or product over a variable.
     *
     * @param bounds of the variable: two, or the one that it tends to, or none
     */
    record Calculus(Operation operation, Expression body, String variable, List<Expression> bounds)
            implements Expression {
        enum Operation {
            LIMIT,
            DERIVATIVE,
            INTEGRAL,
            SUM,
            PRODUCT
        }

        /** More terms are left to computer algebra. */
        private static final int MAX_TERMS = 64;

        boolean isIndefinite() {
            return operation == Operation.INTEGRAL && bounds.isEmpty();
        }

        private boolean bindsVariable() {
            return !bounds.isEmpty();
        }

        /** Sums and products between whole numbers are worked out. */
        private double value(Map<String, Double> values) {
            if (operation != Operation.SUM && operation != Operation.PRODUCT) {
                return Double.NaN;
            }
            double first = bounds.get(0).at(values);
            double last = bounds.get(1).at(values);
            if (first != Math.rint(first) || last != Math.rint(last) || !(last - first < MAX_TERMS)) {
                return Double.NaN;
            }
            Map<String, Double> inner = new HashMap<>(values);
            double result = operation == Operation.SUM ? 0 : 1;
            for (double index = first; index <= last; index++) {
                inner.put(variable, index);
                double term = body.at(inner);
                result = operation == Operation.SUM ? result + term : result * term;
            }
            return result;
        }

        private String symja() {
            String of = new Name(variable).toSymja();
            List<String> written = bounds.stream().map(Expression::toSymja).toList();
            String range = written.size() < 2 ? of : "{" + of + "," + String.join(",", written) + "}";
            return switch (operation) {
                case LIMIT -> "Limit(" + body.toSymja() + "," + of + "->" + written.get(0) + ")";
                case DERIVATIVE -> "D(" + body.toSymja() + "," + of + ")";
                case INTEGRAL -> "Integrate(" + body.toSymja() + "," + range + ")";
                case SUM -> "Sum(" + body.toSymja() + "," + range + ")";
                case PRODUCT -> "Product(" + body.toSymja() + "," + range + ")";
            };
        }
    }

    static Expression number(long value) {
        return new Number(Rational.of(value));
    }

    default Expression negated() {
        return this instanceof Number number
                ? new Number(number.value().negated(), number.decimals())
                : new Binary('-', number(0), this);
    }

    default Expression times(Rational factor) {
        return factor.equals(Rational.of(1)) ? this : new Binary('*', new Number(factor), this);
    }

    default Expression minus(Expression other) {
        return new Binary('-', this, other);
    }

    /** The exact value; empty where there are names, or roots and functions without an exact one. */
    default Optional<Rational> exact() {
        if (this instanceof Number number) {
            return Optional.of(number.value());
        }
        if (this instanceof Call call) {
            List<Rational> arguments = new ArrayList<>();
            for (Expression argument : call.arguments()) {
                Optional<Rational> value = argument.exact();
                if (value.isEmpty()) {
                    return Optional.empty();
                }
                arguments.add(value.get());
            }
            return call.function().exact(arguments);
        }
        if (!(this instanceof Binary binary)) {
            return Optional.empty();
        }
        Optional<Rational> left = binary.left().exact();
        Optional<Rational> right = left.isEmpty() ? left : binary.right().exact();
        if (left.isEmpty() || right.isEmpty()) {
            return Optional.empty();
        }
        Rational a = left.get();
        Rational b = right.get();
        try {
            return switch (binary.operator()) {
                case '+' -> Optional.of(a.plus(b));
                case '-' -> Optional.of(a.plus(b.negated()));
                case '*' -> Optional.of(a.times(b));
                case '/' -> Optional.of(a.times(b.inverse()));
                default -> power(a, b);
            };
        } catch (ArithmeticException divisionByZero) {
            return Optional.empty();
        }
    }

    /** Also roots: {@code 8^(1/3)}, and of odd degree those of negative numbers. */
    private static Optional<Rational> power(Rational base, Rational exponent) {
        Optional<Integer> degree = new Rational(exponent.denominator(), java.math.BigInteger.ONE).toInt();
        Rational times = new Rational(exponent.numerator(), java.math.BigInteger.ONE);
        return degree.flatMap(n -> n == 1 ? Optional.of(base) : base.root(n)).flatMap(root -> root.power(times));
    }

    /** The real value where the variables have these values; not a number where it has none there. */
    default double at(Map<String, Double> values) {
        if (this instanceof Number number) {
            return number.value().toDouble();
        }
        if (this instanceof Name name) {
            return switch (name.text()) {
                case "pi" -> Math.PI;
                case "e" -> Math.E;
                default -> values.getOrDefault(name.text(), Double.NaN);
            };
        }
        if (this instanceof Call call) {
            return call.function()
                    .real(call.arguments().stream()
                            .map(argument -> argument.at(values))
                            .toList());
        }
        if (this instanceof Calculus calculus) {
            return calculus.value(values);
        }
        Binary binary = (Binary) this;
        double a = binary.left().at(values);
        double b = binary.right().at(values);
        return switch (binary.operator()) {
            case '+' -> a + b;
            case '-' -> a - b;
            case '*' -> a * b;
            case '/' -> a / b;
            default -> a < 0 ? realPower(a, b, binary.right()) : Math.pow(a, b);
        };
    }

    /** A negative base has a real power where the exponent is a fraction of odd denominator. */
    private static double realPower(double base, double exponent, Expression written) {
        if (exponent == Math.rint(exponent)) {
            return Math.pow(base, exponent);
        }
        return written.exact()
                .filter(value -> value.denominator().testBit(0))
                .map(value -> (value.numerator().testBit(0) ? -1 : 1) * Math.pow(-base, exponent))
                .orElse(Double.NaN);
    }

    /** The complex value where the variables have these values. */
    default Complex complexAt(Map<String, Double> values) {
        if (this instanceof Name name && name.text().equals("i")) {
            return new Complex(0, 1);
        }
        if (this instanceof Call call) {
            return call.function()
                    .complex(call.arguments().stream()
                            .map(argument -> argument.complexAt(values))
                            .toList());
        }
        if (!(this instanceof Binary binary)) {
            return Complex.of(at(values));
        }
        Complex a = binary.left().complexAt(values);
        Complex b = binary.right().complexAt(values);
        return switch (binary.operator()) {
            case '+' -> a.plus(b);
            case '-' -> a.minus(b);
            case '*' -> a.times(b);
            case '/' -> a.over(b);
            default -> a.power(b);
        };
    }

    /** This formula with a value for a name. */
    default Expression with(String name, Expression value) {
        if (this instanceof Name own) {
            return own.text().equals(name) ? value : this;
        }
        if (this instanceof Call call) {
            return new Call(
                    call.function(),
                    call.arguments().stream()
                            .map(argument -> argument.with(name, value))
                            .toList());
        }
        if (this instanceof Calculus calculus) {
            return new Calculus(
                    calculus.operation(),
                    calculus.variable().equals(name)
                            ? calculus.body()
                            : calculus.body().with(name, value),
                    calculus.variable(),
                    calculus.bounds().stream()
                            .map(bound -> bound.with(name, value))
                            .toList());
        }
        return this instanceof Binary binary
                ? new Binary(
                        binary.operator(),
                        binary.left().with(name, value),
                        binary.right().with(name, value))
                : this;
    }

    /** Every name in it but {@code pi} and {@code e}, sorted. */
    default Set<String> names() {
        Set<String> names = new TreeSet<>();
        collectNames(names);
        return names;
    }

    private void collectNames(Set<String> names) {
        if (this instanceof Name name) {
            if (!name.text().equals("pi") && !name.text().equals("e")) {
                names.add(name.text());
            }
        } else if (this instanceof Call call) {
            call.arguments().forEach(argument -> argument.collectNames(names));
        } else if (this instanceof Calculus calculus) {
            Set<String> own = calculus.body().names();
            if (calculus.bindsVariable()) {
                own.remove(calculus.variable());
            }
            calculus.bounds().forEach(bound -> bound.collectNames(own));
            own.remove("∞");
            names.addAll(own);
        } else if (this instanceof Binary binary) {
            binary.left().collectNames(names);
            binary.right().collectNames(names);
        }
    }

    /** In Symja's language, every bracket written. */
    default String toSymja() {
        if (this instanceof Number number) {
            return "(" + number.value().numerator() + "/" + number.value().denominator() + ")";
        }
        if (this instanceof Name name) {
            return switch (name.text()) {
                case "pi" -> "Pi";
                case "e" -> "E";
                case "i" -> "I";
                case "∞" -> "Infinity";
                default -> "v" + name.text().replaceAll("[^A-Za-z0-9]", "");
            };
        }
        if (this instanceof Call call) {
            List<String> arguments =
                    call.arguments().stream().map(Expression::toSymja).toList();
            return call.function().symja() + "(" + String.join(",", arguments) + ")";
        }
        if (this instanceof Calculus calculus) {
            return calculus.symja();
        }
        Binary binary = (Binary) this;
        return "(" + binary.left().toSymja() + binary.operator()
                + binary.right().toSymja() + ")";
    }

    /** The natural logarithm of the size of a product or power of numbers; not a number for other formulas. */
    default double logSize() {
        if (this instanceof Number number) {
            return Math.log(Math.abs(number.value().toDouble()));
        }
        if (this instanceof Call call && call.function() == Function.SQRT) {
            return call.arguments().get(0).logSize() / 2;
        }
        if (!(this instanceof Binary binary)) {
            return Double.NaN;
        }
        return switch (binary.operator()) {
            case '*' -> binary.left().logSize() + binary.right().logSize();
            case '/' -> binary.left().logSize() - binary.right().logSize();
            case '^' -> binary.left().logSize() * binary.right().at(Map.of());
            default -> Double.NaN;
        };
    }

    /** Whether it holds a limit, derivative, integral, sum or product. */
    default boolean hasCalculus() {
        if (this instanceof Call call) {
            return call.arguments().stream().anyMatch(Expression::hasCalculus);
        }
        return this instanceof Calculus
                || this instanceof Binary binary
                        && (binary.left().hasCalculus() || binary.right().hasCalculus());
    }

    /** Whether some constant power or factorial in it is too large to work out. */
    default boolean isHuge() {
        if (this instanceof Call call) {
            boolean huge = call.function() == Function.FACTORIAL
                    && !(Math.abs(call.arguments().get(0).at(Map.of())) < 1000);
            boolean manyChoices = call.function() == Function.BINOM
                    && !(Math.abs(call.arguments().get(0).at(Map.of())) <= 10_000)
                    && call.names().isEmpty();
            return huge || manyChoices || call.arguments().stream().anyMatch(Expression::isHuge);
        }
        if (!(this instanceof Binary binary)) {
            return false;
        }
        boolean huge = binary.operator() == '^'
                && binary.right().names().isEmpty()
                && !(Math.abs(binary.right().at(Map.of())) <= 10_000);
        return huge || binary.left().isHuge() || binary.right().isHuge();
    }
}
