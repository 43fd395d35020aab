package dev.hone.kernels;

import static dev.hone.kernels.Closeness.assertClose;
import static dev.hone.kernels.Closeness.assertGradient;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RopeTest {

    private static final int MAX_POSITION = 50;

    /** {@code {tokens, heads, headDim, rotaryDim}}. */
    private static final int[][] SHAPES = {{1, 1, 2, 2}, {5, 3, 7, 4}, {9, 2, 64, 64}, {4, 5, 33, 32}, {3, 1, 16, 6}};

    private static float[] table(int half, boolean sine) {
        float[] table = new float[MAX_POSITION * half];
        for (int i = 0; i < table.length; i++) {
            double angle = (i / half) * Math.pow(10000, -(double) (i % half) / half);
            table[i] = (float) (sine ? Math.sin(angle) : Math.cos(angle));
        }
        return table;
    }

    private static float[] turn(Fixture on, DType dtype, int[] shape, float[] x, int[] positions, boolean inverse) {
        int half = shape[3] / 2;
        Tensor tensor = on.spaced(dtype, 6, x, shape[0], shape[1], shape[2]);
        on.device.rope(
                tensor,
                on.ints(positions),
                on.floats(table(half, false), MAX_POSITION, half),
                on.floats(table(half, true), MAX_POSITION, half),
                inverse);
        return on.read(tensor);
    }

    @OnEachDevice
    void turnsPairsByTheirAngle(String device) {
        Random random = new Random(1);
        for (int[] shape : SHAPES) {
            int headDim = shape[2];
            int half = shape[3] / 2;
            int[] positions = random.ints(shape[0], 0, MAX_POSITION).toArray();
            float[] x = Fixture.normal(random, shape[0] * shape[1] * headDim);
            double[] expected = Closeness.doubles(x);
            for (int i = 0; i < x.length; i++) {
                int place = i % headDim;
                if (place < half) {
                    double angle = positions[i / headDim / shape[1]] * Math.pow(10000, -(double) place / half);
                    expected[i] = x[i] * Math.cos(angle) - x[i + half] * Math.sin(angle);
                    expected[i + half] = x[i + half] * Math.cos(angle) + x[i] * Math.sin(angle);
                }
            }
            try (Fixture on = Fixture.on(device)) {
                assertClose("x", turn(on, DType.F32, shape, x, positions, false), expected, 1e-5);
            }
        }
    }

    @OnEachDevice
    void turningBackIsTheGradient(String device) {
        Random random = new Random(2);
        int[] shape = {2, 2, 5, 4};
        int[] positions = {3, 17};
        float[] x = Fixture.normal(random, 20);
        float[] dOut = Fixture.normal(random, 20);
        try (Fixture on = Fixture.on(device)) {
            float[] gradient = turn(on, DType.F32, shape, dOut, positions, true);
            assertGradient("dX", gradient, x, dOut, in -> turn(on, DType.F32, shape, in, positions, false), 1e-3);
            float[] there = turn(on, DType.F32, shape, x, positions, false);
            assertClose("there and back", turn(on, DType.F32, shape, there, positions, true), x, 1e-5);
            assertThat(there).isNotEqualTo(x);
        }
    }

    @Test
    void bfloat16IsCloseToFloat() {
        int[] shape = {6, 2, 10, 8};
        float[] x = Bf16.round(Fixture.normal(new Random(3), 120));
        int[] positions = {0, 1, 2, 30, 4, 49};
        try (Fixture on = Fixture.on("cpu")) {
            assertClose(
                    "x",
                    turn(on, DType.BF16, shape, x, positions, false),
                    turn(on, DType.F32, shape, x, positions, false),
                    2 * Bf16.EPSILON);
        }
    }

    @OnEachDevice
    void refusesMoreAnglesThanElements(String device) {
        try (Fixture on = Fixture.on(device)) {
            Tensor table = on.zeros(DType.F32, MAX_POSITION, 3);
            assertThatThrownBy(() -> on.device.rope(on.zeros(DType.F32, 1, 1, 5), on.ints(0), table, table, false))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected at most headDim / 2 = 2 columns");
        }
    }
}
