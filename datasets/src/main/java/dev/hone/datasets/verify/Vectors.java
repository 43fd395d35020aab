package dev.hone.datasets.verify;

import dev.hone.datasets.verify.ComputerAlgebra.NoDecision;
import dev.hone.datasets.verify.Expression.Binary;
import dev.hone.datasets.verify.Expression.Name;
import dev.hone.datasets.verify.MathValue.Matrix;
import dev.hone.datasets.verify.MathValue.Quantity;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Vectors by their unit vectors, {@code 2\hat{i} - \hat{k}}, and matrices by their names, {@code 2I} and {@code \mathbf{0}}. */
final class Vectors {
    private static final List<String> UNITS = List.of("ihat", "jhat", "khat");
    private static final Name NULL = new Name("nullhat");

    private Vectors() {}

    static boolean isWrittenByUnits(MathValue value) {
        return value instanceof Quantity quantity
                && (quantity.formula().names().stream().anyMatch(UNITS::contains)
                        || quantity.formula().equals(NULL));
    }

    /** One of them is written by unit vectors, the other by its components. */
    static boolean areEqual(MathValue key, MathValue answer) throws NoDecision {
        boolean first = isWrittenByUnits(key);
        Expression sum = ((Quantity) (first ? key : answer)).formula();
        Optional<List<List<Expression>>> rows = MathEquivalence.rows(first ? answer : key);
        if (sum.equals(NULL) && rows.isPresent()) {
            List<Expression> cells = MathEquivalence.flat(rows.get());
            return MathEquivalence.areEqualCells(Collections.nCopies(cells.size(), Expression.number(0)), cells);
        }
        if (rows.isEmpty() || rows.get().size() > 1 && rows.get().get(0).size() > 1) {
            return false;
        }
        List<Expression> components = MathEquivalence.flat(rows.get());
        if (components.size() < 2
                || components.size() > 3
                || components.size() == 2 && sum.names().contains("khat")) {
            return false;
        }
        List<Expression> own = new ArrayList<>();
        Expression whole = Expression.number(0);
        for (String unit : UNITS.subList(0, components.size())) {
            Expression component = sum;
            for (String other : UNITS) {
                component = component.with(other, Expression.number(other.equals(unit) ? 1 : 0));
            }
            component = component.with("nullhat", Expression.number(0));
            own.add(component);
            whole = new Binary('+', whole, new Binary('*', component, new Name(unit)));
        }
        boolean linear = Formulas.areEqual(sum.with("nullhat", Expression.number(0)), whole);
        return MathEquivalence.areEqualCells(own, components) && linear;
    }

    /** The multiple of the identity of the same shape that a formula names. */
    static Optional<Matrix> named(Expression formula, Matrix shape) {
        int size = shape.rows().size();
        Set<String> names = formula.names();
        boolean square = size == shape.rows().get(0).size();
        if (square && names.size() == 1 && names.iterator().next().matches("I(?:_" + size + ")?")) {
            Expression scale = formula.with(names.iterator().next(), Expression.number(1));
            boolean linear = formula.with(names.iterator().next(), Expression.number(0))
                    .exact()
                    .equals(Optional.of(Rational.of(0)));
            return linear ? Optional.of(diagonal(size, scale)) : Optional.empty();
        }
        return Optional.empty();
    }

    private static Matrix diagonal(int size, Expression value) {
        List<List<Expression>> rows = new ArrayList<>();
        for (int row = 0; row < size; row++) {
            List<Expression> cells = new ArrayList<>();
            for (int column = 0; column < size; column++) {
                cells.add(row == column ? value : Expression.number(0));
            }
            rows.add(cells);
        }
        return new Matrix(rows);
    }
}
