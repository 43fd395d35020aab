package dev.hone.datasets.procedural;

import java.util.Locale;
import java.util.Random;

/**
 * Tiny programs over strings, {@code "abcd".reverse.take(2)}; the answer is the output. Take and drop keep at
 * least half, lest nothing remains to work on. The solution is a trace: each
 * operation and the string after it.
 */
final class StringProgram extends LeveledGenerator {
    private static final String LETTERS = "abcdefghij";

    /** Operations, letters of the input. */
    private record Shape(int operations, int letters) {}

    private static final Shape[] LEVELS = {
        new Shape(1, 3),
        new Shape(1, 5),
        new Shape(2, 4),
        new Shape(2, 6),
        new Shape(3, 5),
        new Shape(3, 7),
        new Shape(5, 7),
    };

    private enum Operation {
        REVERSE {
            @Override
            Step apply(String text, Random random) {
                return new Step("reverse", new StringBuilder(text).reverse().toString());
            }
        },
        UPPER {
            @Override
            Step apply(String text, Random random) {
                return new Step("upper", text.toUpperCase(Locale.ROOT));
            }
        },
        ROTATE {
            @Override
            Step apply(String text, Random random) {
                return new Step("rotate", text.substring(1) + text.charAt(0));
            }
        },
        REPLACE {
            @Override
            Step apply(String text, Random random) {
                char from = text.charAt(random.nextInt(text.length()));
                char to = LETTERS.charAt(random.nextInt(LETTERS.length()));
                return new Step("replace(" + from + "," + to + ")", text.replace(from, to));
            }
        },
        TAKE {
            @Override
            Step apply(String text, Random random) {
                int half = (text.length() + 1) / 2;
                int count = half + random.nextInt(text.length() - half + 1);
                return new Step("take(" + count + ")", text.substring(0, count));
            }
        },
        DROP {
            @Override
            Step apply(String text, Random random) {
                int count = random.nextInt(text.length() / 2 + 1);
                return new Step("drop(" + count + ")", text.substring(count));
            }
        };

        abstract Step apply(String text, Random random);
    }

    /** An operation as written, and its result. */
    private record Step(String call, String result) {}

    StringProgram() {
        super("string_program", "code", "exact", LEVELS.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        Shape shape = LEVELS[level - 1];
        StringBuilder input = new StringBuilder();
        for (int i = 0; i < shape.letters(); i++) {
            input.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        StringBuilder program = new StringBuilder().append('"').append(input).append('"');
        StringBuilder trace = new StringBuilder();
        String text = input.toString();
        for (int i = 0; i < shape.operations(); i++) {
            Operation operation = Operation.values()[random.nextInt(Operation.values().length)];
            Step step = operation.apply(text, random);
            program.append('.').append(step.call());
            trace.append(step.call()).append(' ').append(step.result()).append('\n');
            text = step.result();
        }
        return new Problem(program.toString(), trace.toString(), text);
    }
}
