package dev.hone.datasets.verify;

import dev.hone.datasets.verify.MathValue.Joined;
import dev.hone.datasets.verify.MathValue.Quantity;
import dev.hone.datasets.verify.MathValue.Relation;
import dev.hone.datasets.verify.MathValue.Several;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a set of real numbers solves inequalities of any kind in one variable: {@code x^2 < 4} and {@code (-2, 2)}.
 * They are not solved but tried: on both sides of every end of the set, at the ends themselves, at points all over the
 * line, and where a side touches the other without crossing it.
 */
final class Inequalities {
    /** Sides that differ by less are equal. */
    private static final double EQUAL = 1e-12;

    private static final double CLOSE = 1e-2;
    private static final double NEAR = 1e-5;
    private static final int POINTS = 4001;

    private Inequalities() {}

    /** What is asked of the variable. */
    private interface Condition {
        boolean holds(double at);
    }

    /** Empty where the value is no condition on one variable. */
    static Optional<Boolean> areSolvedBy(MathValue conditions, RealSet set) {
        Set<String> names = RealSet.names(conditions);
        if (names.size() != 1 || names.contains("i")) {
            return Optional.empty();
        }
        String variable = names.iterator().next();
        List<Expression> differences = new ArrayList<>();
        return condition(conditions, variable, differences)
                .map(condition -> agree(condition, differences, variable, set));
    }

    private static boolean agree(Condition condition, List<Expression> differences, String variable, RealSet set) {
        for (double end : set.ends()) {
            double step = CLOSE * Math.max(1, Math.abs(end));
            for (double at : new double[] {end - step, end, end + step}) {
                if (condition.holds(at) != set.contains(at)) {
                    return false;
                }
            }
        }
        for (int i = 0; i < POINTS; i++) {
            double at = point(i);
            boolean overflows = Math.abs(at) > 20
                    && differences.stream().anyMatch(difference -> Double.isInfinite(value(difference, variable, at)));
            if (!overflows && condition.holds(at) != set.contains(at)) {
                return false;
            }
        }
        for (Expression difference : differences) {
            for (double at : meetings(difference, variable)) {
                if (!set.hasEndNear(at, NEAR) && condition.holds(at) != set.contains(at)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Evenly near zero, and farther and farther apart beyond. */
    private static double point(int index) {
        double from = (index - POINTS / 2) / 40.0;
        double beyond = Math.abs(from) - 20;
        return beyond <= 0 ? from : Math.signum(from) * (20 + 3 * Math.expm1(beyond / 3));
    }

    /** Where two sides meet, perhaps without crossing: the lowest sizes of their difference that are zero. */
    private static List<Double> meetings(Expression difference, String variable) {
        double[] sizes = new double[POINTS];
        for (int i = 0; i < POINTS; i++) {
            sizes[i] = Math.abs(value(difference, variable, point(i)));
        }
        List<Double> meetings = new ArrayList<>();
        for (int i = 1; i + 1 < POINTS; i++) {
            if (sizes[i] <= sizes[i - 1] && sizes[i] <= sizes[i + 1]) {
                double at = lowest(difference, variable, point(i - 1), point(i + 1));
                if (Math.abs(value(difference, variable, at)) < EQUAL) {
                    meetings.add(at);
                }
            }
        }
        return meetings;
    }

    /** By golden section. */
    private static double lowest(Expression difference, String variable, double from, double to) {
        double ratio = (Math.sqrt(5) - 1) / 2;
        double low = from;
        double high = to;
        for (int i = 0; i < 60; i++) {
            double left = high - ratio * (high - low);
            double right = low + ratio * (high - low);
            if (Math.abs(value(difference, variable, left)) < Math.abs(value(difference, variable, right))) {
                high = right;
            } else {
                low = left;
            }
        }
        return (low + high) / 2;
    }

    private static double value(Expression formula, String variable, double at) {
        Map<String, Double> values = new HashMap<>();
        values.put(variable, at);
        return formula.at(values);
    }

    private static Optional<Condition> condition(MathValue value, String variable, List<Expression> differences) {
        if (value instanceof Relation relation) {
            return relation(relation, variable, differences);
        }
        if (value instanceof Joined joined && joined.operator() != '∖') {
            Optional<Condition> left = condition(joined.left(), variable, differences);
            Optional<Condition> right = condition(joined.right(), variable, differences);
            if (left.isEmpty() || right.isEmpty()) {
                return Optional.empty();
            }
            boolean both = joined.operator() == '∩';
            return Optional.of(at -> both
                    ? left.get().holds(at) && right.get().holds(at)
                    : left.get().holds(at) || right.get().holds(at));
        }
        if (value instanceof Several several
                && !several.braces()
                && !several.items().isEmpty()) {
            List<Condition> all = new ArrayList<>();
            for (MathValue item : several.items()) {
                Optional<Condition> one = condition(item, variable, differences);
                if (one.isEmpty()) {
                    return Optional.empty();
                }
                all.add(one.get());
            }
            return Optional.of(at -> all.stream().allMatch(one -> one.holds(at)));
        }
        return Optional.empty();
    }

    private static Optional<Condition> relation(Relation relation, String variable, List<Expression> differences) {
        if (!relation.isOnly("<>≤≥≠")) {
            return Optional.empty();
        }
        List<Expression> sides = new ArrayList<>();
        for (MathValue member : relation.members()) {
            if (!(member instanceof Quantity quantity) || quantity.formula().hasCalculus()) {
                return Optional.empty();
            }
            sides.add(quantity.formula());
        }
        List<Condition> all = new ArrayList<>();
        for (int i = 0; i < relation.operators().size(); i++) {
            Expression left = sides.get(i);
            Expression right = sides.get(i + 1);
            char operator = relation.operators().get(i);
            differences.add(left.minus(right));
            all.add(at -> holds(value(left, variable, at), operator, value(right, variable, at)));
        }
        return Optional.of(at -> all.stream().allMatch(one -> one.holds(at)));
    }

    private static boolean holds(double left, char operator, double right) {
        if (!Double.isFinite(left) || !Double.isFinite(right)) {
            return false;
        }
        boolean equal = Math.abs(left - right) <= EQUAL * Math.max(1, Math.max(Math.abs(left), Math.abs(right)));
        return switch (operator) {
            case '<' -> left < right && !equal;
            case '>' -> left > right && !equal;
            case '≤' -> left < right || equal;
            case '≥' -> left > right || equal;
            default -> !equal;
        };
    }
}
