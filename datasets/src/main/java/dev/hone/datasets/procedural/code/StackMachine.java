package dev.hone.datasets.procedural.code;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/** {@code A stack machine runs 3 4 + 2 *. What is left on its stack?} (reverse Polish notation), the stack a line. */
final class StackMachine extends LeveledGenerator {
    private static final int[] OPERATIONS = {1, 2, 3, 5, 7};

    StackMachine() {
        super("stack_machine", "code", "value", OPERATIONS.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        StringJoiner program = new StringJoiner(" ");
        StringBuilder work = new StringBuilder();
        List<Long> stack = new ArrayList<>();
        int numbers = OPERATIONS[level - 1] + 1;
        while (numbers > 0 || stack.size() > 1) {
            if (stack.size() < 2 || (numbers > 0 && random.nextBoolean())) {
                long number = between(random, 1, 9);
                stack.add(number);
                program.add(Long.toString(number));
                work.append(number);
                numbers--;
            } else {
                char operator = "+-*".charAt(random.nextInt(3));
                long right = stack.remove(stack.size() - 1);
                long left = stack.remove(stack.size() - 1);
                stack.add(operator == '+' ? left + right : operator == '-' ? left - right : left * right);
                program.add(String.valueOf(operator));
                work.append(operator);
            }
            work.append(": ")
                    .append(stack.stream().map(String::valueOf).collect(Collectors.joining(" ")))
                    .append('\n');
        }
        return new Problem(
                "A stack machine runs " + program + ". What is left on its stack?",
                work.toString(),
                Long.toString(stack.get(0)));
    }
}
