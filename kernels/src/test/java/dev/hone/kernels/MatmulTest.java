package dev.hone.kernels;

import static dev.hone.kernels.Closeness.assertClose;
import static dev.hone.kernels.Closeness.assertSameBits;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MatmulTest {

    private static final int[][] SHAPES = {
        {1, 1, 1},
        {1, 5, 3},
        {7, 1, 9},
        {3, 16, 1},
        {5, 123, 123},
        {33, 17, 65},
        {64, 64, 64},
        {130, 70, 257},
        {70, 130, 600},
        {600, 40, 1100}
    };
    private static final boolean[] BOTH = {false, true};

    /** c0 is what c held before; its part of the result with accumulate. */
    private static double[] expected(
            int m, int n, int k, boolean ta, boolean tb, float[] a, float[] b, float @Nullable [] bias, float[] c0) {
        double[] c = new double[m * n];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                double sum = c0[i * n + j] + (bias == null ? 0.0 : bias[j]);
                for (int l = 0; l < k; l++) {
                    sum += (double) a[ta ? l * m + i : i * k + l] * b[tb ? j * k + l : l * n + j];
                }
                c[i * n + j] = sum;
            }
        }
        return c;
    }

    @OnEachDevice
    void matchesDoubleArithmetic(String device) {
        Random random = new Random(1);
        for (int[] shape : SHAPES) {
            for (boolean ta : BOTH) {
                for (boolean tb : BOTH) {
                    for (boolean accumulate : BOTH) {
                        int m = shape[0];
                        int n = shape[1];
                        int k = shape[2];
                        boolean withBias = random.nextBoolean();
                        int gap = random.nextInt(2) * 3;
                        float[] a = Fixture.normal(random, m * k);
                        float[] b = Fixture.normal(random, k * n);
                        float[] bias = Fixture.normal(random, n);
                        float[] c = accumulate ? Fixture.normal(random, m * n) : new float[m * n];
                        try (Fixture on = Fixture.on(device)) {
                            Tensor ct = on.spaced(DType.F32, gap, c, m, n);
                            on.device.matmul(
                                    on.spaced(DType.F32, gap, a, ta ? k : m, ta ? m : k),
                                    ta,
                                    on.spaced(DType.F32, gap, b, tb ? n : k, tb ? k : n),
                                    tb,
                                    withBias ? on.floats(bias, n) : null,
                                    ct,
                                    accumulate);
                            assertClose(
                                    "c of " + m + "x" + n + "x" + k + (ta ? " aT" : "") + (tb ? " bT" : "") + " gap "
                                            + gap,
                                    on.read(ct),
                                    expected(m, n, k, ta, tb, a, b, withBias ? bias : null, c),
                                    1e-5 * Math.sqrt(k));
                        }
                    }
                }
            }
        }
    }

    @OnEachDevice
    void overwritesWhateverWasThere(String device) {
        try (Fixture on = Fixture.on(device)) {
            Tensor c = on.floats(new float[] {Float.NaN, Float.POSITIVE_INFINITY}, 1, 2);
            on.device.matmul(
                    on.floats(new float[] {2}, 1, 1),
                    false,
                    on.floats(new float[] {3, 4}, 1, 2),
                    false,
                    null,
                    c,
                    false);
            assertSameBits("c", on.read(c), new float[] {6, 8});
        }
    }

    @Test
    void aRowsBitsDoNotDependOnOtherRows() {
        Random random = new Random(2);
        for (int[] shape :
                new int[][] {{129, 7, 33}, {129, 64, 300}, {100, 259, 128}, {70, 1000, 65}, {400, 40, 600}}) {
            for (boolean ta : BOTH) {
                for (boolean tb : BOTH) {
                    int rows = shape[0];
                    int n = shape[1];
                    int k = shape[2];
                    try (Fixture on = Fixture.on("cpu")) {
                        Tensor a = on.floats(Fixture.normal(random, rows * k), ta ? k : rows, ta ? rows : k);
                        Tensor b = on.floats(Fixture.normal(random, k * n), tb ? n : k, tb ? k : n);
                        Tensor whole = on.zeros(DType.F32, rows, n);
                        on.device.matmul(a, ta, b, tb, null, whole, false);
                        for (int m : new int[] {1, 2, 3, 5, 6, 8, 13, 31, 64, 66}) {
                            int from = random.nextInt(rows - m + 1);
                            Tensor part = on.zeros(DType.F32, m, n);
                            on.device.matmul(
                                    ta ? a.columns(from, from + m) : a.rows(from, from + m),
                                    ta,
                                    b,
                                    tb,
                                    null,
                                    part,
                                    false);
                            assertSameBits(
                                    m + " rows of " + rows + "x" + n + "x" + k + (ta ? " aT" : "") + (tb ? " bT" : ""),
                                    on.read(part),
                                    on.read(whole.rows(from, from + m)));
                        }
                    }
                }
            }
        }
    }

    @Test
    void bfloat16AccumulatesInFloat() {
        Random random = new Random(3);
        for (int[] shape : SHAPES) {
            for (DType out : new DType[] {DType.F32, DType.BF16}) {
                for (boolean tb : BOTH) {
                    int m = shape[0];
                    int n = shape[1];
                    int k = shape[2];
                    float[] a = Bf16.round(Fixture.normal(random, m * k));
                    float[] b = Bf16.round(Fixture.normal(random, k * n));
                    float[] bias = Bf16.round(Fixture.normal(random, n));
                    try (Fixture on = Fixture.on("cpu")) {
                        Tensor c = on.zeros(out, m, n);
                        on.device.matmul(
                                on.tensor(DType.BF16, a, m, k),
                                false,
                                on.tensor(DType.BF16, b, tb ? n : k, tb ? k : n),
                                tb,
                                on.tensor(DType.BF16, bias, n),
                                c,
                                false);
                        assertClose(
                                out + " c",
                                on.read(c),
                                expected(m, n, k, false, tb, a, b, bias, new float[m * n]),
                                1e-5 * Math.sqrt(k) + (out == DType.BF16 ? Bf16.EPSILON : 0));
                    }
                }
            }
        }
    }

    @OnEachDevice
    void refusesWhatDoesNotFit(String device) {
        try (Fixture on = Fixture.on(device)) {
            Tensor a = on.zeros(DType.F32, 2, 3);
            Tensor b = on.zeros(DType.F32, 4, 5);
            Tensor c = on.zeros(DType.F32, 2, 5);
            assertThatThrownBy(() -> on.device.matmul(a, false, b, false, null, c, false))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("matmul: b is F32[4, 5] on " + device + ", expected F32[3, 5]");
            assertThatThrownBy(() -> on.device.matmul(a, false, on.zeros(DType.BF16, 3, 5), false, null, c, false))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("b is BF16[3, 5]");
            assertThatThrownBy(() -> on.device.matmul(
                            a, false, on.zeros(DType.F32, 3, 5), false, on.zeros(DType.F32, 4), c, false))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("bias is F32[4] on " + device + ", expected F32[5]");
            try (Fixture other = Fixture.on("nd4j")) {
                assertThatThrownBy(
                                () -> on.device.matmul(a, false, other.zeros(DType.F32, 3, 5), false, null, c, false))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("expected a tensor of this " + device + " device");
            }
        }
    }
}
