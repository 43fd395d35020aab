package dev.hone.kernels;

import static dev.hone.kernels.Closeness.assertClose;
import static dev.hone.kernels.Closeness.assertGradient;
import static dev.hone.kernels.Closeness.assertSameBits;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RmsnormTest {

    private static final float EPSILON = 1e-5f;
    private static final int[][] SHAPES = {{1, 1}, {1, 64}, {3, 5}, {17, 123}, {40, 256}};

    private static float[] forward(Fixture on, DType dtype, float[] x, float[] weight) {
        int width = weight.length;
        int tokens = x.length / width;
        Tensor out = on.zeros(dtype, tokens, width);
        on.device.rmsnormForward(
                on.tensor(dtype, x, tokens, width),
                null,
                on.tensor(dtype, weight, width),
                EPSILON,
                null,
                out,
                on.zeros(DType.F32, tokens));
        return on.read(out);
    }

    @OnEachDevice
    void addsTheResidualAndNormalises(String device) {
        Random random = new Random(1);
        for (int[] shape : SHAPES) {
            int tokens = shape[0];
            int width = shape[1];
            float[] x = Fixture.normal(random, tokens * width);
            float[] residual = Fixture.normal(random, tokens * width);
            float[] weight = Fixture.normal(random, width);
            double[] sums = new double[tokens * width];
            double[] outs = new double[tokens * width];
            double[] rstds = new double[tokens];
            for (int t = 0; t < tokens; t++) {
                double square = 0;
                for (int i = t * width; i < (t + 1) * width; i++) {
                    sums[i] = (double) x[i] + residual[i];
                    square += sums[i] * sums[i];
                }
                rstds[t] = 1 / Math.sqrt(square / width + EPSILON);
                for (int i = t * width; i < (t + 1) * width; i++) {
                    outs[i] = sums[i] * rstds[t] * weight[i - t * width];
                }
            }
            try (Fixture on = Fixture.on(device)) {
                Tensor sum = on.zeros(DType.F32, tokens, width);
                Tensor out = on.zeros(DType.F32, tokens, width);
                Tensor rstd = on.zeros(DType.F32, tokens);
                on.device.rmsnormForward(
                        on.floats(x, tokens, width),
                        on.floats(residual, tokens, width),
                        on.floats(weight, width),
                        EPSILON,
                        sum,
                        out,
                        rstd);
                assertClose("sum", on.read(sum), sums, 1e-6);
                assertClose("out", on.read(out), outs, 1e-5);
                assertClose("rstd", on.read(rstd), rstds, 1e-5);
                // The sum may take the residual's place.
                Tensor stream = on.floats(residual, tokens, width);
                on.device.rmsnormForward(
                        on.floats(x, tokens, width), stream, on.floats(weight, width), EPSILON, stream, out, rstd);
                assertClose("sum in place", on.read(stream), sums, 1e-6);
                assertClose("out", on.read(out), outs, 1e-5);
            }
        }
    }

    @OnEachDevice
    void gradientsAreThoseOfCentralDifferences(String device) {
        Random random = new Random(2);
        for (int[] shape : new int[][] {{1, 3}, {4, 7}, {2, 40}}) {
            int tokens = shape[0];
            int width = shape[1];
            float[] x = Fixture.normal(random, tokens * width);
            float[] weight = Fixture.normal(random, width);
            float[] dOut = Fixture.normal(random, tokens * width);
            try (Fixture on = Fixture.on(device)) {
                Tensor rstd = on.zeros(DType.F32, tokens);
                Tensor xs = on.floats(x, tokens, width);
                Tensor weights = on.floats(weight, width);
                on.device.rmsnormForward(xs, null, weights, EPSILON, null, on.zeros(DType.F32, tokens, width), rstd);
                Tensor dX = on.zeros(DType.F32, tokens, width);
                Tensor dWeight = on.zeros(DType.F32, width);
                on.device.rmsnormBackward(xs, weights, rstd, on.floats(dOut, tokens, width), null, dX, dWeight, null);
                assertGradient("dX", on.read(dX), x, dOut, in -> forward(on, DType.F32, in, weight), 3e-3);
                assertGradient("dWeight", on.read(dWeight), weight, dOut, in -> forward(on, DType.F32, x, in), 3e-3);
            }
        }
    }

    @OnEachDevice
    void backwardAddsTheResidualStreamInPlaceAndAccumulatesTheWeight(String device) {
        Random random = new Random(3);
        float[] x = Fixture.normal(random, 9 * 33);
        float[] dSum = Fixture.normal(random, 9 * 33);
        float[] dOut = Fixture.normal(random, 9 * 33);
        float[] before = Fixture.normal(random, 33);
        try (Fixture on = Fixture.on(device)) {
            Tensor xs = on.floats(x, 9, 33);
            Tensor weight = on.floats(Fixture.normal(random, 33), 33);
            Tensor rstd = on.zeros(DType.F32, 9);
            on.device.rmsnormForward(xs, null, weight, EPSILON, null, on.zeros(DType.F32, 9, 33), rstd);
            Tensor dXAlone = on.zeros(DType.F32, 9, 33);
            Tensor dWeightAlone = on.zeros(DType.F32, 33);
            on.device.rmsnormBackward(xs, weight, rstd, on.floats(dOut, 9, 33), null, dXAlone, dWeightAlone, null);
            Tensor stream = on.floats(dSum, 9, 33);
            Tensor dWeight = on.floats(before, 33);
            on.device.rmsnormBackward(xs, weight, rstd, on.floats(dOut, 9, 33), stream, stream, dWeight, null);
            float[] dX = on.read(dXAlone);
            for (int i = 0; i < dX.length; i++) {
                dX[i] += dSum[i];
            }
            float[] dW = on.read(dWeightAlone);
            for (int i = 0; i < dW.length; i++) {
                dW[i] += before[i];
            }
            assertClose("dX", on.read(stream), dX, 1e-5);
            assertClose("dWeight", on.read(dWeight), dW, 1e-5);
        }
    }

    @OnEachDevice
    void anOffsetIsAddedToTheWeight(String device) {
        Random random = new Random(6);
        float[] x = Fixture.normal(random, 5 * 19);
        float[] weight = Fixture.normal(random, 19);
        float[] dOut = Fixture.normal(random, 5 * 19);
        float[] raised = weight.clone();
        for (int i = 0; i < raised.length; i++) {
            raised[i] += 1;
        }
        try (Fixture on = Fixture.on(device)) {
            Tensor xs = on.floats(x, 5, 19);
            Tensor rstd = on.zeros(DType.F32, 5);
            Tensor out = on.zeros(DType.F32, 5, 19);
            on.device.rmsnormForward(xs, null, on.floats(weight, 19), EPSILON, 1, null, out, rstd);
            assertClose("out", on.read(out), forward(on, DType.F32, x, raised), 1e-6);
            Tensor[] gradients = new Tensor[4];
            for (int offset = 0; offset < 2; offset++) {
                gradients[offset] = on.zeros(DType.F32, 5, 19);
                gradients[2 + offset] = on.zeros(DType.F32, 19);
                on.device.rmsnormBackward(
                        xs,
                        on.floats(offset == 0 ? raised : weight, 19),
                        offset,
                        rstd,
                        on.floats(dOut, 5, 19),
                        null,
                        gradients[offset],
                        gradients[2 + offset],
                        null);
            }
            assertClose("dX", on.read(gradients[1]), on.read(gradients[0]), 1e-6);
            assertClose("dWeight", on.read(gradients[3]), on.read(gradients[2]), 1e-6);
        }
    }

    @OnEachDevice
    void theBackwardPassGivesTheOutputAgain(String device) {
        for (int[] shape : SHAPES) {
            for (DType dtype : new DType[] {DType.F32, DType.BF16}) {
                for (int offset = 0; offset < 2; offset++) {
                    try (Fixture on = Fixture.on(device)) {
                        if (on.device.computes(dtype)) {
                            givesTheOutputAgain(on, dtype, offset, shape[0], shape[1]);
                        }
                    }
                }
            }
        }
    }

    private static void givesTheOutputAgain(Fixture on, DType dtype, float offset, int tokens, int width) {
        Random random = new Random(7);
        Tensor sum = on.tensor(dtype, Fixture.normal(random, tokens * width), tokens, width);
        Tensor residual = on.tensor(dtype, Fixture.normal(random, tokens * width), tokens, width);
        Tensor weight = on.tensor(dtype, Fixture.normal(random, width), width);
        Tensor gradient = on.tensor(dtype, Fixture.normal(random, tokens * width), tokens, width);
        Tensor rstd = on.zeros(DType.F32, tokens);
        Tensor expected = on.zeros(dtype, tokens, width);
        on.device.rmsnormForward(sum, residual, weight, EPSILON, offset, sum, expected, rstd);
        Tensor[] dX = new Tensor[3];
        Tensor[] dWeight = new Tensor[3];
        Tensor[] outs = {null, on.zeros(dtype, tokens, width), gradient};
        for (int i = 0; i < outs.length; i++) {
            dX[i] = on.zeros(dtype, tokens, width);
            dWeight[i] = on.zeros(DType.F32, width);
            on.device.rmsnormBackward(sum, weight, offset, rstd, gradient, residual, dX[i], dWeight[i], outs[i]);
        }
        for (int i = 1; i < outs.length; i++) {
            assertSameBits("out", on.read(outs[i]), on.read(expected));
            assertSameBits("dX", on.read(dX[i]), on.read(dX[0]));
            assertSameBits("dWeight", on.read(dWeight[i]), on.read(dWeight[0]));
        }
    }

    @Test
    void aRowsBitsDoNotDependOnOtherRows() {
        Random random = new Random(4);
        float[] x = Fixture.normal(random, 37 * 67);
        float[] weight = Fixture.normal(random, 67);
        try (Fixture on = Fixture.on("cpu")) {
            float[] whole = forward(on, DType.F32, x, weight);
            for (int t = 0; t < 37; t++) {
                float[] row = java.util.Arrays.copyOfRange(x, t * 67, (t + 1) * 67);
                assertSameBits(
                        "row " + t,
                        forward(on, DType.F32, row, weight),
                        java.util.Arrays.copyOfRange(whole, t * 67, (t + 1) * 67));
            }
        }
    }

    @Test
    void bfloat16IsCloseToFloat() {
        Random random = new Random(5);
        float[] x = Bf16.round(Fixture.normal(random, 11 * 70));
        float[] weight = Bf16.round(Fixture.normal(random, 70));
        float[] dOut = Bf16.round(Fixture.normal(random, 11 * 70));
        float[][] dX = new float[2][];
        float[][] dWeight = new float[2][];
        try (Fixture on = Fixture.on("cpu")) {
            assertClose("out", forward(on, DType.BF16, x, weight), forward(on, DType.F32, x, weight), 2 * Bf16.EPSILON);
            for (DType dtype : new DType[] {DType.F32, DType.BF16}) {
                Tensor rstd = on.zeros(DType.F32, 11);
                Tensor xs = on.tensor(dtype, x, 11, 70);
                Tensor weights = on.tensor(dtype, weight, 70);
                on.device.rmsnormForward(xs, null, weights, EPSILON, null, on.zeros(dtype, 11, 70), rstd);
                Tensor dx = on.zeros(dtype, 11, 70);
                Tensor dw = on.zeros(DType.F32, 70);
                on.device.rmsnormBackward(xs, weights, rstd, on.tensor(dtype, dOut, 11, 70), null, dx, dw, null);
                dX[dtype.code()] = on.read(dx);
                dWeight[dtype.code()] = on.read(dw);
            }
        }
        assertClose("dX", dX[1], dX[0], 2 * Bf16.EPSILON);
        assertClose("dWeight", dWeight[1], dWeight[0], 2 * Bf16.EPSILON);
    }

    @OnEachDevice
    void refusesAResidualWithoutASum(String device) {
        try (Fixture on = Fixture.on(device)) {
            Tensor x = on.zeros(DType.F32, 2, 3);
            assertThatThrownBy(() -> on.device.rmsnormForward(
                            x, x, on.zeros(DType.F32, 3), EPSILON, null, x, on.zeros(DType.F32, 2)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("residual and sum go together");
            assertThatThrownBy(() -> on.device.rmsnormForward(
                            x, null, on.zeros(DType.F32, 4), EPSILON, null, x, on.zeros(DType.F32, 2)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("weight is F32[4] on " + device + ", expected F32[3], contiguous");
        }
    }
}
