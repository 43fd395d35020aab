package dev.hone.kernels;

import static dev.hone.kernels.Closeness.assertClose;
import static dev.hone.kernels.Closeness.assertGradient;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DoraTest {

    private static final int[][] SHAPES = {{1, 1}, {3, 17}, {70, 40}, {9, 130}};

    @OnEachDevice
    void normsAreThoseOfTheSumsRows(String device) {
        Random random = new Random(1);
        for (int[] shape : new int[][] {{1, 1, 1}, {7, 33, 3}, {40, 64, 4}, {130, 257, 16}}) {
            int rows = shape[0];
            int columns = shape[1];
            int rank = shape[2];
            float[] w = Fixture.normal(random, rows * columns);
            float[] a = Fixture.normal(random, rank * columns);
            float[] b = Fixture.normal(random, rows * rank);
            double[] expected = new double[rows];
            for (int i = 0; i < rows; i++) {
                double squares = 0;
                for (int j = 0; j < columns; j++) {
                    double sum = w[i * columns + j];
                    for (int l = 0; l < rank; l++) {
                        sum += 0.7 * b[i * rank + l] * a[l * columns + j];
                    }
                    squares += sum * sum;
                }
                expected[i] = Math.sqrt(squares);
            }
            try (Fixture on = Fixture.on(device)) {
                Tensor norms = on.zeros(DType.F32, rows);
                on.device.doraNorms(
                        on.floats(w, rows, columns),
                        on.floats(a, rank, columns),
                        on.floats(b, rows, rank),
                        0.7f,
                        norms);
                assertClose("norms", on.read(norms), expected, 2e-6);
            }
        }
    }

    private static float[] forward(
            Fixture on, float[] magnitude, float[] norms, float @Nullable [] bias, int gap, float[] z) {
        int width = magnitude.length;
        boolean inPlace = gap == 0;
        Tensor y = on.spaced(DType.F32, gap, inPlace ? z : new float[z.length], z.length / width, width);
        on.device.doraForward(
                on.floats(magnitude, width),
                on.floats(norms, width),
                bias == null ? null : on.floats(bias, width),
                inPlace ? y : on.floats(z, z.length / width, width),
                y);
        return on.read(y);
    }

    @OnEachDevice
    void scalesAllButTheBias(String device) {
        Random random = new Random(2);
        for (int[] shape : SHAPES) {
            int width = shape[1];
            float[] magnitude = Fixture.normal(random, width);
            float[] norms = positive(random, width);
            float[] bias = random.nextBoolean() ? Fixture.normal(random, width) : null;
            float[] z = Fixture.normal(random, shape[0] * width);
            double[] expected = new double[z.length];
            for (int i = 0; i < z.length; i++) {
                double shift = bias == null ? 0 : bias[i % width];
                expected[i] = (double) magnitude[i % width] / norms[i % width] * (z[i] - shift) + shift;
            }
            try (Fixture on = Fixture.on(device)) {
                assertClose("y", forward(on, magnitude, norms, bias, 5, z), expected, 2e-6);
                assertClose("y in place", forward(on, magnitude, norms, bias, 0, z), expected, 2e-6);
            }
        }
    }

    @OnEachDevice
    void gradientsAreThoseOfCentralDifferences(String device) {
        Random random = new Random(3);
        for (int[] shape : new int[][] {{1, 1}, {3, 17}, {6, 40}}) {
            int tokens = shape[0];
            int width = shape[1];
            float[] magnitude = Fixture.normal(random, width);
            float[] norms = positive(random, width);
            float[] z = Fixture.normal(random, tokens * width);
            float[] dY = Fixture.normal(random, tokens * width);
            try (Fixture on = Fixture.on(device)) {
                Tensor dZ = on.spaced(DType.F32, 1, z, tokens, width);
                Tensor dMagnitude = on.zeros(DType.F32, width);
                for (int twice = 0; twice < 2; twice++) {
                    Tensor again = twice == 0 ? dZ : on.floats(z, tokens, width);
                    on.device.doraBackward(
                            on.floats(magnitude, width),
                            on.floats(norms, width),
                            again,
                            on.spaced(DType.F32, 4, dY, tokens, width),
                            dMagnitude);
                }
                assertGradient("dZ", on.read(dZ), z, dY, in -> forward(on, magnitude, norms, null, 0, in), 1e-3);
                float[] half = on.read(dMagnitude);
                for (int j = 0; j < width; j++) {
                    half[j] /= 2;
                }
                assertGradient("dMagnitude", half, magnitude, dY, in -> forward(on, in, norms, null, 0, z), 1e-3);
            }
        }
    }

    @Test
    void bfloat16IsCloseToFloat() {
        float[] z = Bf16.round(Fixture.normal(new Random(4), 9 * 50));
        float[] dY = Bf16.round(Fixture.normal(new Random(5), 9 * 50));
        float[] norms = positive(new Random(6), 50);
        float[] ones = new float[50];
        Arrays.fill(ones, 1);
        try (Fixture on = Fixture.on("cpu")) {
            Tensor halves = on.tensor(DType.BF16, z, 9, 50);
            on.device.doraForward(on.floats(ones, 50), on.floats(norms, 50), null, halves, halves);
            assertClose("y", on.read(halves), forward(on, ones, norms, null, 0, z), 2 * Bf16.EPSILON);
            Tensor floats = on.floats(z, 9, 50);
            Tensor rounded = on.tensor(DType.BF16, z, 9, 50);
            Tensor exact = on.zeros(DType.F32, 50);
            Tensor summed = on.zeros(DType.F32, 50);
            on.device.doraBackward(on.floats(ones, 50), on.floats(norms, 50), floats, on.floats(dY, 9, 50), exact);
            on.device.doraBackward(
                    on.floats(ones, 50), on.floats(norms, 50), rounded, on.tensor(DType.BF16, dY, 9, 50), summed);
            assertClose("dZ", on.read(rounded), on.read(floats), 2 * Bf16.EPSILON);
            assertClose("dMagnitude", on.read(summed), on.read(exact), 1e-5);
        }
    }

    @OnEachDevice
    void refusesWhatDoesNotFit(String device) {
        try (Fixture on = Fixture.on(device)) {
            assertThatThrownBy(() -> on.device.doraForward(
                            on.zeros(DType.F32, 3),
                            on.zeros(DType.F32, 4),
                            null,
                            on.zeros(DType.F32, 2, 3),
                            on.zeros(DType.F32, 2, 3)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("doraForward: norms is F32[4] on " + device + ", expected F32[3]");
        }
    }

    private static float[] positive(Random random, int count) {
        float[] values = Fixture.normal(random, count);
        for (int i = 0; i < count; i++) {
            values[i] = 0.5f + Math.abs(values[i]);
        }
        return values;
    }
}
