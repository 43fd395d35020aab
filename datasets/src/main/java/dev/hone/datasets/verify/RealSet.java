package dev.hone.datasets.verify;

import dev.hone.datasets.verify.ComputerAlgebra.NoDecision;
import dev.hone.datasets.verify.Expression.Name;
import dev.hone.datasets.verify.MathValue.Joined;
import dev.hone.datasets.verify.MathValue.Quantity;
import dev.hone.datasets.verify.MathValue.Relation;
import dev.hone.datasets.verify.MathValue.Sequence;
import dev.hone.datasets.verify.MathValue.Several;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** A set of real numbers: disjoint pieces from left to right. */
record RealSet(List<Piece> pieces) {
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    /** One end of a piece. */
    record End(Expression formula, double value, boolean closed) {
        End as(boolean isClosed) {
            return new End(formula, value, isClosed);
        }
    }

    /** The numbers between two ends, perhaps one number. */
    record Piece(End low, End high) {
        boolean isEmpty() {
            return low.value > high.value || (low.value == high.value && !(low.closed && high.closed));
        }
    }

    /** Whether a value can only be meant as a set of real numbers. */
    static boolean isMeantBy(MathValue value) {
        if (value instanceof Joined) {
            return true;
        }
        if (value instanceof Relation relation) {
            return !relation.isOnly("=≈≡⇒→") && !relation.isOnly("∈");
        }
        if (value instanceof Quantity quantity) {
            return quantity.formula().equals(new Name("ℝ"));
        }
        if (value instanceof Several several && !several.braces()) {
            return several.items().stream().anyMatch(RealSet::isMeantBy);
        }
        if (!(value instanceof Sequence sequence) || sequence.items().size() != 2) {
            return false;
        }
        boolean mixed = "([".indexOf(sequence.open()) != ")]".indexOf(sequence.close());
        return mixed || sequence.items().stream().anyMatch(RealSet::isInfinite);
    }

    private static boolean isInfinite(MathValue value) {
        return value instanceof Quantity quantity
                && (Formulas.isInfinity(quantity.formula()) || Formulas.isMinusInfinity(quantity.formula()));
    }

    /** The set a value means; empty where it means none. */
    static Optional<RealSet> of(MathValue value) {
        if (value instanceof Quantity quantity) {
            if (quantity.formula().equals(new Name("ℝ"))) {
                return Optional.of(whole());
            }
            return end(quantity, true).map(point -> new RealSet(List.of(new Piece(point, point))));
        }
        if (value instanceof Sequence sequence) {
            return interval(sequence);
        }
        if (value instanceof Several several) {
            return union(several.items());
        }
        if (value instanceof Relation relation) {
            return relation(relation);
        }
        if (value instanceof Joined joined) {
            Optional<RealSet> left = of(joined.left());
            Optional<RealSet> right = of(joined.right());
            if (left.isEmpty() || right.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(
                    switch (joined.operator()) {
                        case '∪' -> left.get().union(right.get());
                        case '∩' -> left.get().intersection(right.get());
                        default -> left.get().intersection(right.get().complement());
                    });
        }
        return Optional.empty();
    }

    static RealSet whole() {
        return new RealSet(List.of(new Piece(minusInfinity(), plusInfinity())));
    }

    private static End minusInfinity() {
        return new End(new Name("∞").negated(), -INFINITY, false);
    }

    private static End plusInfinity() {
        return new End(new Name("∞"), INFINITY, false);
    }

    private static Optional<RealSet> interval(Sequence sequence) {
        if (sequence.items().size() != 2) {
            return Optional.empty();
        }
        boolean closedLow = sequence.open() == '[';
        boolean closedHigh = sequence.close() == ']';
        // Also where it is infinite: what is written so is remembered.
        Optional<End> low = end(sequence.items().get(0), closedLow).map(end -> end.as(closedLow));
        Optional<End> high = end(sequence.items().get(1), closedHigh).map(end -> end.as(closedHigh));
        if (low.isEmpty() || high.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(normal(List.of(new Piece(low.get(), high.get()))));
    }

    private static Optional<End> end(MathValue value, boolean closed) {
        if (!(value instanceof Quantity quantity)) {
            return Optional.empty();
        }
        Expression formula = quantity.formula();
        if (Formulas.isInfinity(formula)) {
            return Optional.of(plusInfinity());
        }
        if (Formulas.isMinusInfinity(formula)) {
            return Optional.of(minusInfinity());
        }
        double number = formula.at(Map.of());
        return Double.isFinite(number) ? Optional.of(new End(formula, number, closed)) : Optional.empty();
    }

    /** {@code x ≠ 2, 3}: the second is a condition as well. */
    private static List<MathValue> conditions(List<MathValue> items) {
        boolean excluding = items.get(0) instanceof Relation relation
                && relation.isOnly("≠")
                && relation.members().size() == 2;
        if (!excluding) {
            return items;
        }
        Relation first = (Relation) items.get(0);
        return items.stream()
                .<MathValue>map(item ->
                        item instanceof Quantity ? new Relation(List.of(first.first(), item), first.operators()) : item)
                .toList();
    }

    private static Optional<RealSet> union(List<MathValue> written) {
        List<MathValue> items = written.isEmpty() ? written : conditions(written);
        RealSet union = new RealSet(List.of());
        RealSet common = whole();
        for (MathValue item : items) {
            Optional<RealSet> set = of(item);
            if (set.isEmpty()) {
                return Optional.empty();
            }
            union = union.union(set.get());
            common = common.intersection(set.get());
        }
        // x > 1, x < 2 are conditions together; x < 1, x > 2 cannot be.
        boolean conditions = items.size() > 1 && items.stream().allMatch(Relation.class::isInstance);
        return Optional.of(conditions && !common.pieces.isEmpty() ? common : union);
    }

    /**
     * {@code a < mx + n ≤ b}, {@code |mx + n| < b}, {@code x ∈ set}, {@code x ≠ a}: of first degree in one variable,
     * which stands in one member.
     */
    private static Optional<RealSet> relation(Relation relation) {
        List<MathValue> members = relation.members();
        if (relation.isOnly("∈")) {
            return of(relation.last());
        }
        Set<String> names = names(relation);
        if (names.size() != 1 || members.size() > 3) {
            return Optional.empty();
        }
        String variable = names.iterator().next();
        List<Expression> formulas = new ArrayList<>();
        int place = -1;
        for (MathValue member : members) {
            if (!(member instanceof Quantity quantity)) {
                return Optional.empty();
            }
            if (quantity.formula().names().contains(variable)) {
                if (place >= 0) {
                    return Optional.empty();
                }
                place = formulas.size();
            }
            formulas.add(quantity.formula());
        }
        if (members.size() == 3 && place != 1) {
            return Optional.empty();
        }
        Expression formula = formulas.get(place);
        if (formula instanceof Expression.Call call && call.function() == Function.ABS && members.size() == 2) {
            char operator = place == 0
                    ? relation.operators().get(0)
                    : mirrored(relation.operators().get(0));
            return size(call.arguments().get(0), operator, formulas.get(1 - place), variable);
        }
        RealSet set = whole();
        for (int i = 0; i < relation.operators().size(); i++) {
            char operator = relation.operators().get(i);
            Expression bound = formulas.get(i == place ? i + 1 : i);
            Optional<RealSet> half = solve(formula, i == place ? operator : mirrored(operator), bound, variable);
            if (half.isEmpty()) {
                return Optional.empty();
            }
            set = set.intersection(half.get());
        }
        return Optional.of(set);
    }

    /** |formula| against a bound: within it on both sides, or beyond it on either. */
    private static Optional<RealSet> size(Expression formula, char operator, Expression bound, String variable) {
        Optional<RealSet> above = solve(formula, operator, bound, variable);
        Optional<RealSet> below = solve(formula, mirrored(operator), bound.negated(), variable);
        if (above.isEmpty() || below.isEmpty() || !(bound.at(Map.of()) >= 0)) {
            return Optional.empty();
        }
        boolean within = "<≤≠".indexOf(operator) >= 0;
        return Optional.of(
                within ? above.get().intersection(below.get()) : above.get().union(below.get()));
    }

    /** Where m x + n stands in this relation to a bound. */
    private static Optional<RealSet> solve(Expression formula, char operator, Expression bound, String variable) {
        Expression atZero = formula.with(variable, Expression.number(0));
        Expression slope = formula.with(variable, Expression.number(1)).minus(atZero);
        double m = slope.at(Map.of());
        double n = atZero.at(Map.of());
        double far = formula.at(Map.of(variable, 7.0));
        if (!(Math.abs(m) > 1e-9) || !(Math.abs(n + 7 * m - far) <= 1e-9 * Math.max(1, Math.abs(far)))) {
            return Optional.empty();
        }
        boolean bare = formula instanceof Name;
        Expression solved = bare ? bound : new Expression.Binary('/', bound.minus(atZero), slope);
        char direction = m < 0 ? mirrored(operator) : operator;
        return end(new Quantity(solved, Unit.NONE), true).flatMap(end -> half(direction, end));
    }

    private static char mirrored(char operator) {
        return switch (operator) {
            case '<' -> '>';
            case '>' -> '<';
            case '≤' -> '≥';
            case '≥' -> '≤';
            default -> operator;
        };
    }

    private static Optional<RealSet> half(char operator, End bound) {
        End open = new End(bound.formula(), bound.value(), false);
        RealSet point = new RealSet(List.of(new Piece(bound, bound)));
        return switch (operator) {
            case '<' -> Optional.of(normal(List.of(new Piece(minusInfinity(), open))));
            case '≤' -> Optional.of(normal(List.of(new Piece(minusInfinity(), bound))));
            case '>' -> Optional.of(normal(List.of(new Piece(open, plusInfinity()))));
            case '≥' -> Optional.of(normal(List.of(new Piece(bound, plusInfinity()))));
            case '=' -> Optional.of(point);
            case '≠' -> Optional.of(point.complement());
            default -> Optional.empty();
        };
    }

    private RealSet union(RealSet other) {
        List<Piece> all = new ArrayList<>(pieces);
        all.addAll(other.pieces);
        return normal(all);
    }

    private RealSet intersection(RealSet other) {
        List<Piece> common = new ArrayList<>();
        for (Piece a : pieces) {
            for (Piece b : other.pieces) {
                End low = a.low.value > b.low.value || (a.low.value == b.low.value && !a.low.closed) ? a.low : b.low;
                End high = a.high.value < b.high.value || (a.high.value == b.high.value && !a.high.closed)
                        ? a.high
                        : b.high;
                common.add(new Piece(low, high));
            }
        }
        return normal(common);
    }

    private RealSet complement() {
        List<Piece> gaps = new ArrayList<>();
        End from = minusInfinity();
        for (Piece piece : pieces) {
            gaps.add(new Piece(from, new End(piece.low.formula, piece.low.value, !piece.low.closed)));
            from = new End(piece.high.formula, piece.high.value, !piece.high.closed);
        }
        gaps.add(new Piece(from, plusInfinity()));
        return normal(gaps);
    }

    /** Sorted, without empty pieces, touching ones joined. */
    private static RealSet normal(List<Piece> pieces) {
        List<Piece> sorted = new ArrayList<>(pieces);
        sorted.removeIf(piece ->
                piece.isEmpty() || (piece.low.value == piece.high.value && Double.isInfinite(piece.low.value)));
        sorted.sort(
                Comparator.<Piece>comparingDouble(piece -> piece.low.value).thenComparing(piece -> !piece.low.closed));
        List<Piece> joined = new ArrayList<>();
        for (Piece piece : sorted) {
            Piece last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
            boolean touches = last != null
                    && (last.high.value > piece.low.value
                            || (last.high.value == piece.low.value && (last.high.closed || piece.low.closed)));
            if (last == null || !touches) {
                joined.add(piece);
            } else {
                boolean further = piece.high.value > last.high.value
                        || (piece.high.value == last.high.value && piece.high.closed);
                joined.set(joined.size() - 1, new Piece(last.low, further ? piece.high : last.high));
            }
        }
        return new RealSet(joined);
    }

    /** The finite ends of its pieces. */
    List<Double> ends() {
        return pieces.stream()
                .flatMap(piece -> Stream.of(piece.low.value, piece.high.value))
                .filter(Double::isFinite)
                .toList();
    }

    boolean hasEndNear(double number, double distance) {
        return ends().stream().anyMatch(end -> Math.abs(end - number) <= distance * Math.max(1, Math.abs(end)));
    }

    boolean contains(double number) {
        return pieces.stream()
                .anyMatch(piece -> (piece.low.closed ? number >= piece.low.value : number > piece.low.value)
                        && (piece.high.closed ? number <= piece.high.value : number < piece.high.value));
    }

    boolean isEqualTo(RealSet other) throws NoDecision {
        if (pieces.size() != other.pieces.size()) {
            return false;
        }
        for (int i = 0; i < pieces.size(); i++) {
            Piece a = pieces.get(i);
            Piece b = other.pieces.get(i);
            if (!areEqual(a.low, b.low) || !areEqual(a.high, b.high)) {
                return false;
            }
        }
        return true;
    }

    private static boolean areEqual(End a, End b) throws NoDecision {
        return (a.closed == b.closed || Double.isInfinite(a.value)) && Formulas.areEqual(a.formula, b.formula);
    }

    /** Whether it is written as if infinity were one of its numbers: {@code [2, ∞]}. */
    boolean isClosedAtInfinity() {
        return pieces.stream()
                .flatMap(piece -> Stream.of(piece.low, piece.high))
                .anyMatch(end -> end.closed && Double.isInfinite(end.value));
    }

    /** The names a set is written in: the variable of its inequalities. */
    static Set<String> names(MathValue value) {
        Set<String> names = new TreeSet<>();
        if (value instanceof Relation relation) {
            for (MathValue member : relation.members()) {
                if (member instanceof Quantity quantity) {
                    names.addAll(quantity.formula().names());
                }
            }
        } else if (value instanceof Several several) {
            several.items().forEach(item -> names.addAll(names(item)));
        } else if (value instanceof Joined joined) {
            names.addAll(names(joined.left()));
            names.addAll(names(joined.right()));
        }
        names.removeAll(Set.of("∞", "ℝ"));
        return names;
    }
}
