package dev.hone.datasets.procedural;

import java.util.Random;

/**
 * Linear equations in x with a whole solution. The solution moves one term a line: {@code 3x+5=26}, {@code 3x=26-5=21},
 * {@code x=21/3=7}.
 */
final class LinearEquation extends LeveledGenerator {
    LinearEquation() {
        super("linear_equation", "math", "value", 7);
    }

    @Override
    protected Problem problem(int level, Random random) {
        return switch (level) {
            case 1 -> oneSided(1, between(random, 1, 9), between(random, 1, 9));
            case 2 -> oneSided(between(random, 2, 9), between(random, 2, 9), 0);
            case 3 -> oneSided(between(random, 2, 9), between(random, 1, 9), between(random, 1, 9));
            case 4 -> oneSided(between(random, 2, 9), between(random, 2, 19), signed(random, 1, 49));
            case 5 -> twoSided(random, between(random, 2, 9), signed(random, 1, 49));
            case 6 -> twoSided(random, signed(random, 2, 19), signed(random, 1, 99));
            default -> bracketed(random);
        };
    }

    /** {@code ax+b=c}; a of 1 and b of 0 are left out. */
    private static Problem oneSided(int a, int x, int b) {
        String prompt = side(a, b) + "=" + (a * x + b);
        return new Problem(prompt, isolate(a, b, a * x + b), Integer.toString(x));
    }

    /** {@code ax+b=cx+d}. */
    private static Problem twoSided(Random random, int x, int b) {
        int c = between(random, 1, 9);
        int a = c + between(random, 2, 9);
        int d = (a - c) * x + b;
        String prompt = side(a, b) + "=" + side(c, d);
        String gathered = side(a - c, b) + "=" + d + "\n";
        return new Problem(prompt, gathered + isolate(a - c, b, d), Integer.toString(x));
    }

    /** {@code a(x+b)=cx+d}. */
    private static Problem bracketed(Random random) {
        int x = signed(random, 2, 19);
        int c = between(random, 1, 9);
        int a = c + between(random, 2, 9);
        int b = signed(random, 1, 9);
        int d = (a - c) * x + a * b;
        String prompt = a + "(" + side(1, b) + ")=" + side(c, d);
        String work = side(a, a * b) + "=" + side(c, d) + "\n" + side(a - c, a * b) + "=" + d + "\n";
        return new Problem(prompt, work + isolate(a - c, a * b, d), Integer.toString(x));
    }

    /** The steps from {@code ax+b=c} to x. */
    private static String isolate(int a, int b, int c) {
        StringBuilder work = new StringBuilder();
        if (b != 0) {
            work.append(side(a, 0)).append('=').append(c).append(constant(-b));
            work.append('=').append(c - b).append('\n');
        }
        if (a != 1) {
            work.append("x=").append(c - b).append('/').append(a);
            work.append('=').append((c - b) / a).append('\n');
        }
        return work.toString();
    }

    private static String side(int coefficient, int constant) {
        return (coefficient == 1 ? "x" : coefficient + "x") + (constant == 0 ? "" : constant(constant));
    }

    private static String constant(int value) {
        return value < 0 ? Integer.toString(value) : "+" + value;
    }
}
