package dev.hone.datasets.procedural;

import java.util.Random;

/**
 * The truth of a formula under an assignment: {@code p=T,q=F:(p&!q)|q}, with {@code !} for not, {@code &} for and,
 * {@code |} for or, {@code >} for implies. The solution evaluates from the inside out, left before right, one
 * connective a step: {@code !F=T,T&T=T,T|F=T}.
 */
final class Propositional extends LeveledGenerator {
    private static final String VARIABLES = "pqrs";

    /** Variables, binary connectives, and whether implications are among them. */
    private record Shape(int variables, int connectives, boolean implications) {}

    private static final Shape[] LEVELS = {
        new Shape(2, 1, false),
        new Shape(2, 1, true),
        new Shape(3, 2, false),
        new Shape(3, 2, true),
        new Shape(4, 3, true),
        new Shape(4, 4, true),
        new Shape(4, 6, true),
    };

    Propositional() {
        super("propositional", "logic", "exact", LEVELS.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        Shape shape = LEVELS[level - 1];
        boolean[] values = new boolean[shape.variables()];
        StringBuilder assignment = new StringBuilder();
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextBoolean();
            assignment.append(i == 0 ? "" : ",");
            assignment.append(VARIABLES.charAt(i)).append('=').append(letter(values[i]));
        }
        Formula formula = new Formula(random, values, shape.implications());
        formula.append(shape.connectives(), true);
        return new Problem(
                assignment + ":" + formula.text, formula.steps + "\n", String.valueOf(letter(formula.value)));
    }

    private static char letter(boolean value) {
        return value ? 'T' : 'F';
    }

    /** A random formula, written and evaluated in one pass. */
    private static final class Formula {
        private final Random random;
        private final boolean[] values;
        private final String connectives;
        private final StringBuilder text = new StringBuilder();
        private final StringBuilder steps = new StringBuilder();
        private boolean value;

        Formula(Random random, boolean[] values, boolean implications) {
            this.random = random;
            this.values = values;
            this.connectives = implications ? "&|>" : "&|";
        }

        /** Appends a formula with so many binary connectives and leaves its truth in {@code value}. */
        void append(int count, boolean outermost) {
            boolean negated = random.nextInt(3) == 0;
            text.append(negated ? "!" : "");
            if (count == 0) {
                int variable = random.nextInt(values.length);
                text.append(VARIABLES.charAt(variable));
                value = values[variable];
            } else {
                boolean bracketed = negated || !outermost;
                int left = random.nextInt(count);
                text.append(bracketed ? "(" : "");
                append(left, false);
                boolean first = value;
                char connective = connectives.charAt(random.nextInt(connectives.length()));
                text.append(connective);
                append(count - 1 - left, false);
                boolean second = value;
                text.append(bracketed ? ")" : "");
                value = switch (connective) {
                    case '&' -> first && second;
                    case '|' -> first || second;
                    default -> !first || second;
                };
                step("" + letter(first) + connective + letter(second));
            }
            if (negated) {
                boolean denied = value;
                value = !denied;
                step("!" + letter(denied));
            }
        }

        private void step(String left) {
            steps.append(steps.length() == 0 ? "" : ",")
                    .append(left)
                    .append('=')
                    .append(letter(value));
        }
    }
}
