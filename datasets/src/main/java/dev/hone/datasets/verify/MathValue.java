package dev.hone.datasets.verify;

import java.util.List;

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
    record Matrix(List<List<Expression>> rows) implements MathValue {}

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

    /** No formula. */
    record Words(String text) implements MathValue {}
}
