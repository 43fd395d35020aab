package dev.hone.datasets.procedural.code;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.Random;

/** {@code What is 45 & 27 in Python?}, worked in binary, an operation at a time from the left. */
final class Bitwise extends LeveledGenerator {
    private static final int[] BITS = {4, 6, 8, 8};
    private static final int[] OPERATIONS = {1, 1, 2, 3};
    private static final String OPERATORS = "&|^";

    Bitwise() {
        super("bitwise", "code", "value", BITS.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        int bits = BITS[level - 1];
        int most = (1 << bits) - 1;
        int value = between(random, 1, most);
        StringBuilder prompt = new StringBuilder(Integer.toString(value));
        StringBuilder work = new StringBuilder();
        for (int i = 0; i < OPERATIONS[level - 1]; i++) {
            int operand = between(random, 1, most);
            char operator = OPERATORS.charAt(random.nextInt(OPERATORS.length()));
            prompt.insert(0, i == 0 ? "" : "(")
                    .append(i == 0 ? " " : ") ")
                    .append(operator)
                    .append(' ')
                    .append(operand);
            String left = binary(value, bits);
            String right = binary(operand, bits);
            value = switch (operator) {
                case '&' -> value & operand;
                case '|' -> value | operand;
                default -> value ^ operand;
            };
            work.append(left)
                    .append(' ')
                    .append(operator)
                    .append(' ')
                    .append(right)
                    .append(" = ");
            work.append(binary(value, bits)).append(" = ").append(value).append('\n');
        }
        return new Problem("What is " + prompt + " in Python?", work.toString(), Integer.toString(value));
    }

    private static String binary(int value, int bits) {
        String digits = Integer.toBinaryString(value);
        return "0".repeat(bits - digits.length()) + digits;
    }
}
