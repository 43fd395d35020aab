package dev.hone.datasets.verify;

import dev.hone.datasets.verify.ComputerAlgebra.NoDecision;
import dev.hone.datasets.verify.MathValue.Cases;
import dev.hone.datasets.verify.MathValue.Cases.Case;
import dev.hone.datasets.verify.MathValue.Quantity;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Formulas that differ by case: {@code \begin{cases} x & x \ge 0 \\ -x & x < 0 \end{cases}}. */
final class Piecewise {
    private static final double SAME = 1e-9;

    private Piecewise() {}

    /** One of them is of cases, the other of cases or a formula. */
    static boolean areEqual(MathValue key, MathValue answer) throws NoDecision {
        if (key instanceof Cases a && answer instanceof Cases b && areEqualCases(a, b)) {
            return true;
        }
        Set<String> names = new TreeSet<>(names(key));
        names.addAll(names(answer));
        return names.size() == 1
                && areEqualOnTheLine(key, answer, names.iterator().next());
    }

    /** The same cases in any order. */
    private static boolean areEqualCases(Cases key, Cases answer) throws NoDecision {
        if (key.cases().size() != answer.cases().size()) {
            return false;
        }
        Set<Integer> met = new HashSet<>();
        for (Case one : key.cases()) {
            int before = met.size();
            for (int i = 0; i < answer.cases().size() && met.size() == before; i++) {
                Case other = answer.cases().get(i);
                if (!met.contains(i)
                        && MathEquivalence.areEqual(one.value(), other.value())
                        && areEqualConditions(one.condition(), other.condition())) {
                    met.add(i);
                }
            }
            if (met.size() == before) {
                return false;
            }
        }
        return true;
    }

    private static boolean areEqualConditions(Optional<MathValue> a, Optional<MathValue> b) throws NoDecision {
        return a.isEmpty() || b.isEmpty() ? a.equals(b) : MathEquivalence.areEqual(a.get(), b.get());
    }

    /** At points all over the line, and at the ends of the cases. */
    private static boolean areEqualOnTheLine(MathValue key, MathValue answer, String variable) {
        Optional<List<Piece>> ours = pieces(key);
        Optional<List<Piece>> theirs = pieces(answer);
        if (ours.isEmpty() || theirs.isEmpty()) {
            return false;
        }
        List<Double> points = new ArrayList<>();
        for (int i = -80; i <= 80; i++) {
            points.add(i * 0.137);
        }
        ours.get().forEach(piece -> points.addAll(piece.where().ends()));
        theirs.get().forEach(piece -> points.addAll(piece.where().ends()));
        int compared = 0;
        for (double point : points) {
            Optional<Expression> a = at(ours.get(), point);
            Optional<Expression> b = at(theirs.get(), point);
            if (a.isPresent() != b.isPresent()) {
                return false;
            }
            if (a.isPresent()) {
                double x = a.get().at(Map.of(variable, point));
                double y = b.orElseThrow().at(Map.of(variable, point));
                if (Double.isNaN(x) != Double.isNaN(y)
                        || Math.abs(x - y) > SAME * Math.max(1, Math.max(Math.abs(x), Math.abs(y)))) {
                    return false;
                }
                compared++;
            }
        }
        return compared > 0;
    }

    private record Piece(Expression formula, RealSet where) {}

    private static Optional<Expression> at(List<Piece> pieces, double point) {
        return pieces.stream()
                .filter(piece -> piece.where().contains(point))
                .map(Piece::formula)
                .findFirst();
    }

    /** Empty where a case holds no formula, or its condition is no set of numbers. */
    private static Optional<List<Piece>> pieces(MathValue value) {
        if (value instanceof Quantity quantity) {
            return Optional.of(List.of(new Piece(quantity.formula(), RealSet.whole())));
        }
        List<Piece> pieces = new ArrayList<>();
        if (value instanceof Cases cases) {
            for (Case one : cases.cases()) {
                Optional<RealSet> where = one.condition().isEmpty()
                        ? Optional.of(RealSet.whole())
                        : RealSet.of(one.condition().get());
                if (where.isEmpty() || !(one.value() instanceof Quantity quantity)) {
                    return Optional.empty();
                }
                pieces.add(new Piece(quantity.formula(), where.get()));
            }
        }
        return pieces.isEmpty() ? Optional.empty() : Optional.of(pieces);
    }

    private static Set<String> names(MathValue value) {
        Set<String> names = new TreeSet<>();
        if (value instanceof Quantity quantity) {
            names.addAll(quantity.formula().names());
        } else if (value instanceof Cases cases) {
            for (Case one : cases.cases()) {
                names.addAll(names(one.value()));
                one.condition().ifPresent(condition -> names.addAll(RealSet.names(condition)));
            }
        }
        return names;
    }
}
