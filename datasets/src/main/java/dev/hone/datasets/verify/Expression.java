package dev.hone.datasets.verify;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** A formula in numbers and variables. */
sealed interface Expression {
    /** A number as written. */
    record Number(Rational value) implements Expression {}

    /** A letter: a variable, or {@code pi}, {@code e}, {@code i}. */
    record Name(String text) implements Expression {}

    /** Two operands and one of {@code + - * / ^}. */
    record Binary(char operator, Expression left, Expression right) implements Expression {}

    /** A function of one argument. */
    record Call(String function, Expression argument) implements Expression {}

    /** The functions a formula may use, by the name Symja gives them. */
    Map<String, String> FUNCTIONS = Map.ofEntries(
            Map.entry("sqrt", "Sqrt"),
            Map.entry("sin", "Sin"),
            Map.entry("cos", "Cos"),
            Map.entry("tan", "Tan"),
            Map.entry("arcsin", "ArcSin"),
            Map.entry("arccos", "ArcCos"),
            Map.entry("arctan", "ArcTan"),
            Map.entry("ln", "Log"),
            Map.entry("log", "Log"),
            Map.entry("exp", "Exp"),
            Map.entry("abs", "Abs"));

    /** The exact value; empty where there are names, functions or roots. */
    default Optional<Rational> exact() {
        if (this instanceof Number number) {
            return Optional.of(number.value());
        }
        if (!(this instanceof Binary binary)) {
            return Optional.empty();
        }
        Optional<Rational> left = binary.left().exact();
        Optional<Rational> right = binary.right().exact();
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
                default -> a.power(b);
            };
        } catch (ArithmeticException divisionByZero) {
            return Optional.empty();
        }
    }

    /** The value where the variables have these values; not finite where it has no real value there. */
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
            double x = call.argument().at(values);
            return switch (call.function()) {
                case "sqrt" -> Math.sqrt(x);
                case "sin" -> Math.sin(x);
                case "cos" -> Math.cos(x);
                case "tan" -> Math.tan(x);
                case "arcsin" -> Math.asin(x);
                case "arccos" -> Math.acos(x);
                case "arctan" -> Math.atan(x);
                case "ln", "log" -> Math.log(x);
                case "exp" -> Math.exp(x);
                default -> Math.abs(x);
            };
        }
        Binary binary = (Binary) this;
        double a = binary.left().at(values);
        double b = binary.right().at(values);
        return switch (binary.operator()) {
            case '+' -> a + b;
            case '-' -> a - b;
            case '*' -> a * b;
            case '/' -> a / b;
            default -> Math.pow(a, b);
        };
    }

    /** Every name in it, sorted. */
    default Set<String> names() {
        Set<String> names = new TreeSet<>();
        if (this instanceof Name name) {
            names.add(name.text());
        } else if (this instanceof Call call) {
            names.addAll(call.argument().names());
        } else if (this instanceof Binary binary) {
            names.addAll(binary.left().names());
            names.addAll(binary.right().names());
        }
        return names;
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
                default -> name.text();
            };
        }
        if (this instanceof Call call) {
            return FUNCTIONS.get(call.function()) + "(" + call.argument().toSymja() + ")";
        }
        Binary binary = (Binary) this;
        return "(" + binary.left().toSymja() + binary.operator()
                + binary.right().toSymja() + ")";
    }

    /** Whether some constant power in it is too large to work out. */
    default boolean hasHugePower() {
        if (this instanceof Call call) {
            return call.argument().hasHugePower();
        }
        if (!(this instanceof Binary binary)) {
            return false;
        }
        boolean huge = binary.operator() == '^' && Math.abs(binary.right().at(Map.of())) > 100;
        return huge || binary.left().hasHugePower() || binary.right().hasHugePower();
    }
}
