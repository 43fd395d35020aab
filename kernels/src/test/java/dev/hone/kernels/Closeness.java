package dev.hone.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;

/** Comparisons of arrays of numbers. */
final class Closeness {

    private Closeness() {}

    /** Each element within {@code tolerance * max(1, |expected|)}. */
    static void assertClose(String what, float[] actual, double[] expected, double tolerance) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            double allowed = tolerance * Math.max(1, Math.abs(expected[i]));
            if (!(Math.abs(actual[i] - expected[i]) <= allowed)) {
                throw new AssertionError(what + "[" + i + "] of " + expected.length + ": " + actual[i] + ", expected "
                        + expected[i] + " within " + allowed);
            }
        }
    }

    static void assertClose(String what, float[] actual, float[] expected, double tolerance) {
        assertClose(what, actual, doubles(expected), tolerance);
    }

    static void assertSameBits(String what, float[] actual, float[] expected) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            if (Float.floatToRawIntBits(actual[i]) != Float.floatToRawIntBits(expected[i])) {
                throw new AssertionError(what + "[" + i + "] of " + expected.length + ": " + actual[i]
                        + ", expected the bits of " + expected[i]);
            }
        }
    }

    /**
     * {@code gradient} is that of {@code sum(weights * forward(input))} by {@code input}: compared with central
     * differences at up to 24 elements.
     */
    static void assertGradient(
            String what, float[] gradient, float[] input, float[] weights, Function forward, double tolerance) {
        assertThat(gradient).as(what).hasSameSizeAs(input);
        float step = 1e-2f;
        Random random = new Random(1);
        for (int checked = 0; checked < Math.min(24, input.length); checked++) {
            int i = input.length <= 24 ? checked : random.nextInt(input.length);
            float[] shifted = input.clone();
            shifted[i] = input[i] + step;
            double above = dot(weights, forward.apply(shifted));
            double width = shifted[i];
            shifted[i] = input[i] - step;
            double below = dot(weights, forward.apply(shifted));
            width -= shifted[i];
            double slope = (above - below) / width;
            if (!(Math.abs(gradient[i] - slope) <= tolerance * Math.max(1, Math.abs(slope)))) {
                throw new AssertionError(
                        what + "[" + i + "]: gradient " + gradient[i] + ", central difference " + slope);
            }
        }
    }

    /** From an input to the output whose gradient is checked. */
    interface Function {
        float[] apply(float[] input);
    }

    static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }
}
