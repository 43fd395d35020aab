package dev.hone.kernels;

import static dev.hone.kernels.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class SumRowsTest {

    private static final int[][] SHAPES = {{1, 1}, {1, 9}, {5, 1}, {17, 33}, {200, 70}, {3, 1025}};

    private static double[] expected(int rows, int width, float[] x, float[] before) {
        double[] sum = Closeness.doubles(before);
        for (int i = 0; i < rows * width; i++) {
            sum[i % width] += x[i];
        }
        return sum;
    }

    @OnEachDevice
    void sumsEachColumn(String device) {
        Random random = new Random(1);
        for (int[] shape : SHAPES) {
            for (boolean accumulate : new boolean[] {false, true}) {
                int rows = shape[0];
                int width = shape[1];
                float[] x = Fixture.normal(random, rows * width);
                float[] before = Fixture.normal(random, width);
                try (Fixture on = Fixture.on(device)) {
                    Tensor out = on.floats(before, width);
                    on.device.sumRows(on.spaced(DType.F32, 5, x, rows, width), out, accumulate);
                    assertClose(
                            "out of " + rows + "x" + width,
                            on.read(out),
                            expected(rows, width, x, accumulate ? before : new float[width]),
                            1e-5 * Math.sqrt(rows));
                }
            }
        }
    }

    @Test
    void sumsBfloat16InFloat() {
        float[] x = Bf16.round(Fixture.normal(new Random(2), 300 * 40));
        try (Fixture on = Fixture.on("cpu")) {
            Tensor out = on.zeros(DType.F32, 40);
            on.device.sumRows(on.tensor(DType.BF16, x, 300, 40), out, false);
            assertClose("out", on.read(out), expected(300, 40, x, new float[40]), 1e-4);
        }
    }

    @OnEachDevice
    void refusesAnOutputOfAnotherWidth(String device) {
        try (Fixture on = Fixture.on(device)) {
            assertThatThrownBy(() -> on.device.sumRows(on.zeros(DType.F32, 2, 3), on.zeros(DType.F32, 4), false))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("sumRows: out is F32[4] on " + device + ", expected F32[3], contiguous");
        }
    }
}
