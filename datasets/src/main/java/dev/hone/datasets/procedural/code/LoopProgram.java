package dev.hone.datasets.procedural.code;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What a short Python program prints: a loop over range with one or two variables, worked by their values each time. */
final class LoopProgram extends LeveledGenerator {
    private static final int[] ROUNDS = {3, 5, 5, 7, 9};
    private static final int[] STATEMENTS = {1, 1, 2, 2, 3};

    LoopProgram() {
        super("loop_program", "code", "value", ROUNDS.length);
    }

    /** {@code variable = variable operator operand}; the operand is a number, i or the other variable. */
    private record Statement(int variable, char operator, String operand, boolean onlyEven) {
        @Override
        public String toString() {
            return (onlyEven ? "    if i % 2 == 0:\n        " : "    ") + name(variable) + " = " + name(variable) + " "
                    + operator + " " + operand + "\n";
        }
    }

    @Override
    protected Problem problem(int level, Random random) {
        int rounds = between(random, ROUNDS[level - 1] - 1, ROUNDS[level - 1] + 1);
        long[] values = {between(random, 0, 9), between(random, 1, 9)};
        List<Statement> body = new ArrayList<>();
        for (int i = 0; i < STATEMENTS[level - 1]; i++) {
            body.add(statement(random, level, i % 2));
        }
        StringBuilder program = new StringBuilder("a = " + values[0] + "\nb = " + values[1] + "\n");
        program.append("for i in range(").append(rounds).append("):\n");
        body.forEach(program::append);
        program.append("print(a + b)");
        StringBuilder work = new StringBuilder();
        for (int i = 0; i < rounds; i++) {
            for (Statement statement : body) {
                if (!statement.onlyEven() || i % 2 == 0) {
                    values[statement.variable()] = applied(statement, values, i);
                }
            }
            work.append("i=")
                    .append(i)
                    .append(" a=")
                    .append(values[0])
                    .append(" b=")
                    .append(values[1])
                    .append('\n');
        }
        work.append(values[0])
                .append('+')
                .append(values[1])
                .append('=')
                .append(values[0] + values[1])
                .append('\n');
        return new Problem(
                "What does this Python program print?\n" + program,
                work.toString(),
                Long.toString(values[0] + values[1]));
    }

    private static Statement statement(Random random, int level, int variable) {
        String operand =
                switch (random.nextInt(3)) {
                    case 0 -> Integer.toString(between(random, 1, 9));
                    case 1 -> "i";
                    default -> level == 1 ? Integer.toString(between(random, 1, 9)) : name(1 - variable);
                };
        // Products of variables grow beyond what is worth reading.
        boolean small = operand.equals("2") || operand.equals("3");
        char operator = small && random.nextBoolean() ? '*' : random.nextBoolean() ? '+' : '-';
        return new Statement(variable, operator, operand, level >= 4 && random.nextInt(3) == 0);
    }

    private static long applied(Statement statement, long[] values, int i) {
        long operand =
                switch (statement.operand()) {
                    case "i" -> i;
                    case "a" -> values[0];
                    case "b" -> values[1];
                    default -> Long.parseLong(statement.operand());
                };
        long value = values[statement.variable()];
        return statement.operator() == '*'
                ? value * operand
                : statement.operator() == '+' ? value + operand : value - operand;
    }

    private static String name(int variable) {
        return variable == 0 ? "a" : "b";
    }
}
