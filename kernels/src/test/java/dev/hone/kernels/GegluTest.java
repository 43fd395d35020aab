package dev.hone.kernels;

import static dev.hone.kernels.Closeness.assertClose;
import static dev.hone.kernels.Closeness.assertGradient;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class GegluTest {

    private static final int[][] SHAPES = {{1, 1}, {1, 100}, {5, 123}, {33, 17}, {64, 64}};

    private static float[] forward(Fixture on, DType dtype, int tokens, int intermediate, float[] gateUp) {
        Tensor out = on.zeros(dtype, tokens, intermediate);
        on.device.gegluForward(on.tensor(dtype, gateUp, tokens, 2 * intermediate), out);
        return on.read(out);
    }

    @OnEachDevice
    void multipliesUpByGeluOfGate(String device) {
        Random random = new Random(11);
        for (int[] shape : SHAPES) {
            int tokens = shape[0];
            int intermediate = shape[1];
            float[] gateUp = Fixture.normal(random, tokens * 2 * intermediate);
            gateUp[0] = -90;
            gateUp[intermediate - 1] = intermediate > 1 ? 90 : gateUp[0];
            double[] expected = new double[tokens * intermediate];
            for (int i = 0; i < expected.length; i++) {
                int at = i / intermediate * 2 * intermediate + i % intermediate;
                double gate = gateUp[at];
                double inner = Math.sqrt(2 / Math.PI) * (gate + 0.044715 * gate * gate * gate);
                expected[i] = gate / 2 * (1 + Math.tanh(inner)) * gateUp[at + intermediate];
            }
            try (Fixture on = Fixture.on(device)) {
                assertClose("out", forward(on, DType.F32, tokens, intermediate, gateUp), expected, 2e-6);
            }
        }
    }

    @OnEachDevice
    void gradientIsThatOfCentralDifferencesAndMayTakeTheInputsPlace(String device) {
        Random random = new Random(12);
        for (int[] shape : new int[][] {{1, 1}, {3, 4}, {2, 19}}) {
            int tokens = shape[0];
            int intermediate = shape[1];
            float[] gateUp = Fixture.normal(random, tokens * 2 * intermediate);
            float[] dOut = Fixture.normal(random, tokens * intermediate);
            try (Fixture on = Fixture.on(device)) {
                Tensor input = on.floats(gateUp, tokens, 2 * intermediate);
                Tensor gradient = on.floats(dOut, tokens, intermediate);
                Tensor apart = on.zeros(DType.F32, tokens, 2 * intermediate);
                on.device.gegluBackward(input, gradient, apart);
                on.device.gegluBackward(input, gradient, input);
                assertGradient(
                        "dGateUp",
                        on.read(apart),
                        gateUp,
                        dOut,
                        in -> forward(on, DType.F32, tokens, intermediate, in),
                        1e-3);
                Closeness.assertSameBits("dGateUp in place", on.read(input), on.read(apart));
            }
        }
    }

    @Test
    void bfloat16IsCloseToFloat() {
        float[] gateUp = Bf16.round(Fixture.normal(new Random(3), 9 * 50));
        float[] dOut = Bf16.round(Fixture.normal(new Random(4), 9 * 25));
        try (Fixture on = Fixture.on("cpu")) {
            assertClose(
                    "out",
                    forward(on, DType.BF16, 9, 25, gateUp),
                    forward(on, DType.F32, 9, 25, gateUp),
                    2 * Bf16.EPSILON);
            Tensor floats = on.floats(gateUp, 9, 50);
            Tensor halves = on.tensor(DType.BF16, gateUp, 9, 50);
            on.device.gegluBackward(floats, on.floats(dOut, 9, 25), floats);
            on.device.gegluBackward(halves, on.tensor(DType.BF16, dOut, 9, 25), halves);
            assertClose("dGateUp", on.read(halves), on.read(floats), 2 * Bf16.EPSILON);
        }
    }

    @OnEachDevice
    void refusesAGateWithoutUp(String device) {
        try (Fixture on = Fixture.on(device)) {
            assertThatThrownBy(() -> on.device.gegluForward(on.zeros(DType.F32, 2, 3), on.zeros(DType.F32, 2, 3)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("gegluForward: gateUp is F32[2, 3] on " + device + ", expected F32[2, 6]");
        }
    }
}
