package dev.hone.datasets.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a mathematical answer says. */
sealed interface MathValue {
    /** A number or a formula, perhaps of some unit. */
    record Quantity(Expression formula, Unit unit) implements MathValue {}

    /** Values between brackets, in order: a tuple, a vector or, where there are two, perhaps an interval. */
    record Sequence(char open, List<MathValue> items, char close) implements MathValue {}

    /**
     * Values in no order.
     *
     * @param braces whether they stand in braces: then equal ones count once
     */
    record Several(List<MathValue> items, boolean braces) implements MathValue {}

    /** Rows of formulas, all of one length. */
    record Matrix(List<List<Expression>> rows) implements MathValue {
        Matrix times(Expression scale) {
            return new Matrix(rows.stream()
                    .map(row -> row.stream()
                            .<Expression>map(cell -> new Expression.Binary('*', scale, cell))
                            .toList())
                    .toList());
        }

        /** Empty where the shapes differ. */
        Optional<Matrix> plus(Matrix other) {
            if (rows.size() != other.rows.size()
                    || rows.get(0).size() != other.rows.get(0).size()) {
                return Optional.empty();
            }
            List<List<Expression>> sums = new ArrayList<>();
            for (int row = 0; row < rows.size(); row++) {
                List<Expression> sum = new ArrayList<>();
                for (int column = 0; column < rows.get(0).size(); column++) {
                    sum.add(new Expression.Binary(
                            '+', rows.get(row).get(column), other.rows.get(row).get(column)));
                }
                sums.add(sum);
            }
            return Optional.of(new Matrix(sums));
        }

        /** Empty where there are not as many columns as the other has rows. */
        Optional<Matrix> times(Matrix other) {
            if (rows.get(0).size() != other.rows.size() || rows.size() * other.rows.size() > 100) {
                return Optional.empty();
            }
            List<List<Expression>> columns = other.transposed().rows;
            List<List<Expression>> products = new ArrayList<>();
            for (List<Expression> row : rows) {
                products.add(
                        columns.stream().map(column -> product(row, column)).toList());
            }
            return Optional.of(new Matrix(products));
        }

        private static Expression product(List<Expression> row, List<Expression> column) {
            Expression sum = Expression.number(0);
            for (int i = 0; i < row.size(); i++) {
                sum = new Expression.Binary('+', sum, new Expression.Binary('*', row.get(i), column.get(i)));
            }
            return sum;
        }

        Matrix transposed() {
            List<List<Expression>> columns = new ArrayList<>();
            for (int column = 0; column < rows.get(0).size(); column++) {
                int at = column;
                columns.add(rows.stream().map(row -> row.get(at)).toList());
            }
            return new Matrix(columns);
        }

        /** By its first row; the matrix is square. */
        Expression determinant() {
            List<Expression> first = rows.get(0);
            if (rows.size() == 1) {
                return first.get(0);
            }
            Expression sum = Expression.number(0);
            for (int column = 0; column < first.size(); column++) {
                int left = column;
                List<List<Expression>> minor = rows.subList(1, rows.size()).stream()
                        .map(row -> {
                            List<Expression> rest = new ArrayList<>(row);
                            rest.remove(left);
                            return List.copyOf(rest);
                        })
                        .toList();
                Expression term = new Expression.Binary('*', first.get(column), new Matrix(minor).determinant());
                sum = new Expression.Binary(column % 2 == 0 ? '+' : '-', sum, term);
            }
            return sum;
        }
    }

    /** {@code a = b}, {@code a < b ≤ c}: one operator fewer than members. */
    record Relation(List<MathValue> members, List<Character> operators) implements MathValue {
        MathValue first() {
            return members.get(0);
        }

        MathValue last() {
            return members.get(members.size() - 1);
        }

        boolean isOnly(String allowed) {
            return operators.stream().allMatch(operator -> allowed.indexOf(operator) >= 0);
        }
    }

    /** Two sets of numbers joined by one of {@code ∪ ∩ ∖}. */
    record Joined(char operator, MathValue left, MathValue right) implements MathValue {}

    /** Values that depend on conditions. */
    record Cases(List<Case> cases) implements MathValue {
        /** @param condition empty for all that the other cases leave */
        record Case(MathValue value, Optional<MathValue> condition) {}
    }

    /** No formula. */
    record Words(String text) implements MathValue {}
}
