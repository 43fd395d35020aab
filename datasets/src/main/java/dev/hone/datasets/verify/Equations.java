package dev.hone.datasets.verify;

import dev.hone.datasets.verify.ComputerAlgebra.NoDecision;
import dev.hone.datasets.verify.Expression.Binary;
import dev.hone.datasets.verify.Expression.Name;
import dev.hone.datasets.verify.MathValue.Quantity;
import dev.hone.datasets.verify.MathValue.Relation;
import dev.hone.datasets.verify.MathValue.Sequence;
import dev.hone.datasets.verify.MathValue.Several;
import dev.hone.datasets.verify.MathValue.Words;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Equations: those that only name a value, {@code x = 5}, and those that relate variables, {@code 2x + y = 1}. */
final class Equations {
    private static final Set<String> CONSTANTS = Set.of("pi", "e", "i", "∞", "ℝ");

    private Equations() {}

    /** What an equation calls its value: a variable, {@code f(x)}, {@code (x, y)} or words; empty where it names none. */
    static Optional<MathValue> label(Relation relation) {
        if (!relation.isOnly("=≈≡⇒→∈")) {
            return Optional.empty();
        }
        if (isLabel(relation.first()) || isMeasured(relation)) {
            return Optional.of(relation.first());
        }
        return isLabel(relation.last()) ? Optional.of(relation.last()) : Optional.empty();
    }

    private static boolean isLabel(MathValue value) {
        if (value instanceof Words) {
            return true;
        }
        if (value instanceof Sequence sequence) {
            return sequence.items().stream().allMatch(Equations::isLabel);
        }
        if (value instanceof Several several) {
            return !several.items().isEmpty() && several.items().stream().allMatch(Equations::isLabel);
        }
        return value instanceof Quantity quantity && isLabel(quantity.formula());
    }

    private static boolean isLabel(Expression formula) {
        if (formula instanceof Name name) {
            return !CONSTANTS.contains(name.text());
        }
        // f(x), f(2), P(A): a letter applied.
        return formula instanceof Binary binary
                && binary.operator() == '*'
                && applied(binary.left()) instanceof Name name
                && Set.of("f", "g", "h", "F", "G", "P", "T", "S", "p", "q")
                        .contains(name.text().substring(0, 1))
                && (binary.right() instanceof Name || binary.right() instanceof Expression.Number);
    }

    /** {@code AB = 5}, {@code \angle ABC = 60}: what is between points. */
    private static boolean isMeasured(Relation relation) {
        return relation.first() instanceof Quantity measured
                && relation.last() instanceof Quantity value
                && CONSTANTS.containsAll(value.formula().names())
                && isOfPoints(measured.formula());
    }

    /** {@code AB}, {@code \angle ABC}. */
    static boolean isOfPoints(Expression formula) {
        return points(formula) >= 2;
    }

    /** How many points are named side by side; a large negative number where there is anything else. */
    private static int points(Expression formula) {
        if (formula instanceof Name name) {
            return name.text().equals("angle") || name.text().equals("m")
                    ? 0
                    : name.text().matches("[A-Z]'?") ? 1 : Integer.MIN_VALUE / 64;
        }
        return formula instanceof Binary product && product.operator() == '*'
                ? Math.max(Integer.MIN_VALUE / 64, points(product.left()) + points(product.right()))
                : Integer.MIN_VALUE / 64;
    }

    /** The f of f and of its inverse. */
    private static Expression applied(Expression function) {
        return function instanceof Binary power && power.operator() == '^' ? power.left() : function;
    }

    /** What an equation says its label is: the last member, or the first where the last is the label. */
    static MathValue value(Relation relation) {
        return isLabel(relation.first()) || isMeasured(relation) || !isLabel(relation.last())
                ? relation.last()
                : relation.first();
    }

    /** The value, and of {@code x = 1/3 ≈ 0.33} also the exact one. */
    static List<MathValue> values(Relation relation) {
        List<MathValue> values = new ArrayList<>();
        values.add(value(relation));
        int approximate = relation.operators().indexOf('≈');
        if (approximate > 0) {
            values.add(relation.members().get(approximate));
        } else if (approximate == 0 && !isLabel(relation.first())) {
            values.add(relation.first());
        }
        return values;
    }

    /** Whether two equations have the same solutions, as far as scaling, and solving for a named variable, can tell. */
    static boolean areEqual(Relation a, Relation b) throws NoDecision {
        if (!a.isOnly("=")
                || !b.isOnly("=")
                || a.members().size() != 2
                || b.members().size() != 2) {
            return false;
        }
        if (!(a.first() instanceof Quantity aLeft
                && a.last() instanceof Quantity aRight
                && b.first() instanceof Quantity bLeft
                && b.last() instanceof Quantity bRight)) {
            return MathEquivalence.areEqual(a.first(), b.first()) && MathEquivalence.areEqual(a.last(), b.last());
        }
        Expression f = aLeft.formula().minus(aRight.formula());
        Expression g = bLeft.formula().minus(bRight.formula());
        return f.names().equals(g.names())
                && !f.names().isEmpty()
                && (ratio(f, g).isPresent()
                        || isSolvedBy(g, aLeft.formula(), aRight.formula())
                        || isSolvedBy(f, bLeft.formula(), bRight.formula()));
    }

    /** The constant by which one formula is a multiple of the other; empty where it is none. */
    static Optional<Double> ratio(Expression f, Expression g) {
        Set<String> names = new TreeSet<>(f.names());
        names.addAll(g.names());
        double ratio = Double.NaN;
        int compared = 0;
        for (Map<String, Double> values : Formulas.points(names)) {
            double x = f.at(values);
            double y = g.at(values);
            if (!Double.isFinite(x) || !Double.isFinite(y)) {
                continue;
            }
            if (Math.abs(x) < 1e-9 || Math.abs(y) < 1e-9) {
                if (Math.abs(x) >= 1e-9 || Math.abs(y) >= 1e-9) {
                    return Optional.empty();
                }
                continue;
            }
            if (!Double.isNaN(ratio) && Math.abs(x / y - ratio) > 1e-8 * Math.abs(ratio)) {
                return Optional.empty();
            }
            ratio = x / y;
            compared++;
        }
        return compared >= 5 ? Optional.of(ratio) : Optional.empty();
    }

    /** Whether g, of first degree in the variable y, is zero just where y is the formula. */
    private static boolean isSolvedBy(Expression g, Expression y, Expression formula) {
        if (!(y instanceof Name name)
                || CONSTANTS.contains(name.text())
                || formula.names().contains(name.text())) {
            return false;
        }
        int compared = 0;
        for (Map<String, Double> values : Formulas.points(g.names())) {
            double root = formula.at(values);
            Map<String, Double> at = new HashMap<>(values);
            double[] results = new double[3];
            for (int i = 0; i < 3; i++) {
                at.put(name.text(), root + i);
                results[i] = g.at(at);
            }
            if (!Double.isFinite(root) || !Double.isFinite(results[0] + results[1] + results[2])) {
                continue;
            }
            double slope = results[1] - results[0];
            double size = Math.max(1, Math.abs(root)) * Math.abs(slope);
            boolean straight = Math.abs(results[2] - 2 * results[1] + results[0]) <= 1e-8 * size;
            if (Math.abs(slope) < 1e-9 || !straight || Math.abs(results[0]) > 1e-8 * size) {
                return false;
            }
            compared++;
        }
        return compared >= 5;
    }

    /** {@code x = 1 or x = 2}, {@code x = 1, 2}: the values, where all are of one variable. */
    static List<MathValue> unlabelled(List<MathValue> items) throws NoDecision {
        MathValue label = null;
        List<MathValue> values = new ArrayList<>();
        for (MathValue item : items) {
            Optional<MathValue> own = item instanceof Relation relation ? label(relation) : Optional.empty();
            if (own.isPresent() && (label == null ? values.isEmpty() : MathEquivalence.areEqual(own.get(), label))) {
                label = own.get();
                values.add(value((Relation) item));
            } else if (label != null && !(item instanceof Relation)) {
                values.add(item);
            } else if (label == null) {
                values.add(item);
            } else {
                return items;
            }
        }
        List<MathValue> flat = new ArrayList<>();
        for (MathValue value : values) {
            flat.addAll(value instanceof Several several && !several.braces() ? several.items() : List.of(value));
        }
        return flat;
    }

    /** {@code x = y = z = 1} as {@code x = 1, y = 1, z = 1}; other values as they are. */
    static MathValue spread(MathValue value) {
        if (value instanceof Several several) {
            return grouped(several);
        }
        if (!(value instanceof Relation chain)
                || !chain.isOnly("=")
                || chain.members().size() < 3) {
            return value;
        }
        List<MathValue> names = chain.members().subList(0, chain.members().size() - 1);
        boolean variables = names.stream().distinct().count() == names.size()
                && names.stream()
                        .allMatch(name -> name instanceof Quantity quantity
                                && quantity.formula() instanceof Name variable
                                && !CONSTANTS.contains(variable.text()));
        boolean constant = chain.last() instanceof Quantity last
                && CONSTANTS.containsAll(last.formula().names());
        return variables && constant
                ? new Several(
                        names.stream()
                                .<MathValue>map(name -> new Relation(List.of(name, chain.last()), List.of('=')))
                                .toList(),
                        false)
                : value;
    }

    /** {@code x = 1, y = 0 or x = 0, y = 1} as {@code (1, 0), (0, 1)}; other values as they are. */
    private static MathValue grouped(Several values) {
        List<MathValue> items = values.items();
        List<String> names = new ArrayList<>();
        for (MathValue item : items) {
            if (!(item instanceof Relation relation
                    && relation.isOnly("=")
                    && relation.members().size() == 2
                    && relation.first() instanceof Quantity quantity
                    && quantity.formula() instanceof Name name)) {
                return values;
            }
            names.add(name.text());
        }
        int unknowns = (int) names.stream().distinct().count();
        if (unknowns < 2 || unknowns == items.size() || items.size() % unknowns != 0) {
            return values;
        }
        List<String> order = names.subList(0, unknowns);
        List<MathValue> points = new ArrayList<>();
        for (int from = 0; from < items.size(); from += unknowns) {
            List<String> own = names.subList(from, from + unknowns);
            List<MathValue> point = new ArrayList<>();
            for (String name : order) {
                if (!own.contains(name)) {
                    return values;
                }
                point.add(((Relation) items.get(from + own.indexOf(name))).last());
            }
            points.add(new Sequence('(', point, ')'));
        }
        return new Several(points, values.braces());
    }

    /**
     * Whether an equation leaves its one variable to be solved for: {@code 2x = 12}, {@code x^2 = 4}; not
     * {@code a_5 = 12}, {@code AB = 12} and {@code \sin x = 1/2}, which say what a thing is.
     */
    static boolean isUnsolved(Relation relation) {
        return relation.first() instanceof Quantity quantity
                && quantity.formula() instanceof Binary binary
                && quantity.formula().names().size() == 1
                && !(binary.operator() == '*' && binary.left() instanceof Name)
                && isOfArithmetic(quantity.formula());
    }

    private static boolean isOfArithmetic(Expression formula) {
        return formula instanceof Name
                || formula instanceof Expression.Number
                || formula instanceof Binary binary && isOfArithmetic(binary.left()) && isOfArithmetic(binary.right());
    }

    /** {@code x_1 = 3, x_2 = -3}: values of one unknown, which have no order. */
    static boolean areIndexed(List<MathValue> items) {
        List<String> letters = new ArrayList<>();
        for (MathValue item : items) {
            if (!(item instanceof Relation relation
                    && relation.first() instanceof Quantity quantity
                    && quantity.formula() instanceof Name name
                    && name.text().matches("[A-Za-z]_\\d+"))) {
                return false;
            }
            letters.add(name.text().substring(0, 1));
        }
        return letters.stream().distinct().count() == 1;
    }

    /** {@code y = 2, x = 1} in the order of its unknowns, where they are letters that have one. */
    static List<MathValue> inOrderOfNames(List<MathValue> items) {
        boolean ordered = items.stream()
                .allMatch(item -> item instanceof Relation relation
                        && relation.first() instanceof Quantity quantity
                        && quantity.formula() instanceof Name name
                        && name.text().matches("[a-dx-z]"));
        return ordered
                ? items.stream()
                        .sorted(Comparator.comparing(
                                item -> ((Relation) item).first().toString()))
                        .toList()
                : items;
    }

    /** {@code x = 1, y = 2} as 1, 2. */
    static List<MathValue> valuesOf(List<MathValue> items) {
        boolean labelled = !items.isEmpty()
                && items.stream()
                        .allMatch(item -> item instanceof Relation relation
                                && label(relation).isPresent());
        return labelled ? items.stream().map(item -> value((Relation) item)).toList() : items;
    }
}
