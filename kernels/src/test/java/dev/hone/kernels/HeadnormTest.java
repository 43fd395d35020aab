package dev.hone.kernels;

import static dev.hone.kernels.Closeness.assertClose;
import static dev.hone.kernels.Closeness.assertGradient;
import static dev.hone.kernels.Closeness.assertSameBits;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HeadnormTest {

    private static final float EPSILON = 1e-5f;

    /** {@code {tokens, heads, width, offset}}. */
    private static final int[][] SHAPES = {{1, 1, 1, 0}, {3, 2, 5, 1}, {70, 3, 33, 0}, {9, 1, 123, 1}, {130, 4, 64, 0}};

    private record Gradients(float[] dX, float[] dWeight) {}

    private static float[] forward(Fixture on, DType dtype, int[] shape, float[] x, float[] weight) {
        Tensor out = on.spaced(dtype, 3, new float[x.length], shape[0], shape[1], shape[2]);
        on.device.headnormForward(
                on.spaced(dtype, 5, x, shape[0], shape[1], shape[2]),
                on.tensor(dtype, weight, shape[2]),
                EPSILON,
                shape[3],
                out,
                on.zeros(DType.F32, shape[0], shape[1]));
        return on.read(out);
    }

    private static Gradients backward(Fixture on, DType dtype, int[] shape, float[] x, float[] weight, float[] dOut) {
        Tensor xs = on.spaced(dtype, 5, x, shape[0], shape[1], shape[2]);
        Tensor weights = on.tensor(dtype, weight, shape[2]);
        Tensor rstd = on.zeros(DType.F32, shape[0], shape[1]);
        on.device.headnormForward(xs, weights, EPSILON, shape[3], on.zeros(dtype, shape[0], shape[1], shape[2]), rstd);
        Tensor gradient = on.spaced(dtype, 2, dOut, shape[0], shape[1], shape[2]);
        Tensor dX = on.spaced(dtype, 1, new float[x.length], shape[0], shape[1], shape[2]);
        Tensor dWeight = on.zeros(DType.F32, shape[2]);
        on.device.headnormBackward(xs, weights, shape[3], rstd, gradient, dX, dWeight);
        on.device.headnormBackward(xs, weights, shape[3], rstd, gradient, gradient, on.zeros(DType.F32, shape[2]));
        assertSameBits("dX in place", on.read(gradient), on.read(dX));
        return new Gradients(on.read(dX), on.read(dWeight));
    }

    @OnEachDevice
    void normalisesEachHeadByItself(String device) {
        Random random = new Random(1);
        for (int[] shape : SHAPES) {
            int width = shape[2];
            float[] x = Fixture.normal(random, shape[0] * shape[1] * width);
            float[] weight = Fixture.normal(random, width);
            double[] expected = new double[x.length];
            for (int from = 0; from < x.length; from += width) {
                double squares = 0;
                for (int i = from; i < from + width; i++) {
                    squares += (double) x[i] * x[i];
                }
                for (int i = from; i < from + width; i++) {
                    expected[i] = x[i] / Math.sqrt(squares / width + EPSILON) * (shape[3] + weight[i - from]);
                }
            }
            try (Fixture on = Fixture.on(device)) {
                assertClose("out", forward(on, DType.F32, shape, x, weight), expected, 1e-5);
            }
        }
    }

    @OnEachDevice
    void gradientsAreThoseOfCentralDifferences(String device) {
        Random random = new Random(2);
        for (int[] shape : new int[][] {{2, 2, 8, 0}, {4, 1, 9, 1}, {3, 2, 20, 1}}) {
            float[] x = Fixture.normal(random, shape[0] * shape[1] * shape[2]);
            float[] weight = Fixture.normal(random, shape[2]);
            float[] dOut = Fixture.normal(random, x.length);
            try (Fixture on = Fixture.on(device)) {
                Gradients gradients = backward(on, DType.F32, shape, x, weight, dOut);
                assertGradient("dX", gradients.dX, x, dOut, in -> forward(on, DType.F32, shape, in, weight), 3e-3);
                assertGradient(
                        "dWeight", gradients.dWeight, weight, dOut, in -> forward(on, DType.F32, shape, x, in), 3e-3);
            }
        }
    }

    @Test
    void cpuGradientsAreThoseOfTheReference() {
        Random random = new Random(3);
        for (int[] shape : SHAPES) {
            float[] x = Fixture.normal(random, shape[0] * shape[1] * shape[2]);
            float[] weight = Fixture.normal(random, shape[2]);
            float[] dOut = Fixture.normal(random, x.length);
            try (Fixture cpu = Fixture.on("cpu");
                    Fixture reference = Fixture.on("nd4j")) {
                Gradients actual = backward(cpu, DType.F32, shape, x, weight, dOut);
                Gradients expected = backward(reference, DType.F32, shape, x, weight, dOut);
                assertClose("dX", actual.dX, expected.dX, 1e-5);
                assertClose("dWeight", actual.dWeight, expected.dWeight, 2e-5);
            }
        }
    }

    @Test
    void aRowsBitsDoNotDependOnOtherRows() {
        int[] shape = {37, 3, 21, 0};
        float[] x = Fixture.normal(new Random(4), 37 * 63);
        float[] weight = Fixture.normal(new Random(5), 21);
        try (Fixture on = Fixture.on("cpu")) {
            float[] whole = forward(on, DType.F32, shape, x, weight);
            for (int t = 0; t < 37; t++) {
                float[] row = Arrays.copyOfRange(x, t * 63, (t + 1) * 63);
                assertSameBits(
                        "row " + t,
                        forward(on, DType.F32, new int[] {1, 3, 21, 0}, row, weight),
                        Arrays.copyOfRange(whole, t * 63, (t + 1) * 63));
            }
        }
    }

    @Test
    void bfloat16IsCloseToFloat() {
        int[] shape = {11, 2, 35, 1};
        float[] x = Bf16.round(Fixture.normal(new Random(6), 11 * 70));
        float[] weight = Bf16.round(Fixture.normal(new Random(7), 35));
        float[] dOut = Bf16.round(Fixture.normal(new Random(8), 11 * 70));
        try (Fixture on = Fixture.on("cpu")) {
            assertClose(
                    "out",
                    forward(on, DType.BF16, shape, x, weight),
                    forward(on, DType.F32, shape, x, weight),
                    2 * Bf16.EPSILON);
            Gradients halves = backward(on, DType.BF16, shape, x, weight, dOut);
            Gradients floats = backward(on, DType.F32, shape, x, weight, dOut);
            assertClose("dX", halves.dX, floats.dX, 2 * Bf16.EPSILON);
            assertClose("dWeight", halves.dWeight, floats.dWeight, 2 * Bf16.EPSILON);
        }
    }

    @OnEachDevice
    void refusesAWeightOfAnotherWidth(String device) {
        try (Fixture on = Fixture.on(device)) {
            Tensor x = on.zeros(DType.F32, 2, 3, 4);
            assertThatThrownBy(() -> on.device.headnormForward(
                            x, on.zeros(DType.F32, 12), EPSILON, 0, x, on.zeros(DType.F32, 2, 3)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("headnormForward: weight is F32[12] on " + device + ", expected F32[4]");
        }
    }
}
