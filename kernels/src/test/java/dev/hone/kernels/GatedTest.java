package dev.hone.kernels;

import static dev.hone.kernels.Closeness.assertClose;
import static dev.hone.kernels.Closeness.assertGradient;
import static dev.hone.kernels.Closeness.assertSameBits;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Swiglu and geglu: the same but for the gate. */
class GatedTest {

    private static final int[][] SHAPES = {{1, 1}, {1, 100}, {5, 123}, {33, 17}, {64, 64}};

    enum Gate {
        SWIGLU {
            @Override
            double of(double gate) {
                return gate / (1 + Math.exp(-gate));
            }

            @Override
            void forward(Device device, Tensor gateUp, Tensor out) {
                device.swigluForward(gateUp, out);
            }

            @Override
            void backward(Device device, Tensor gateUp, Tensor dOut, Tensor dGateUp, @Nullable Tensor out) {
                device.swigluBackward(gateUp, dOut, dGateUp, out);
            }
        },
        GEGLU {
            @Override
            double of(double gate) {
                return gate / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (gate + 0.044715 * gate * gate * gate)));
            }

            @Override
            void forward(Device device, Tensor gateUp, Tensor out) {
                device.gegluForward(gateUp, out);
            }

            @Override
            void backward(Device device, Tensor gateUp, Tensor dOut, Tensor dGateUp, @Nullable Tensor out) {
                device.gegluBackward(gateUp, dOut, dGateUp, out);
            }
        };

        abstract double of(double gate);

        abstract void forward(Device device, Tensor gateUp, Tensor out);

        abstract void backward(Device device, Tensor gateUp, Tensor dOut, Tensor dGateUp, @Nullable Tensor out);

        float[] forward(Fixture on, DType dtype, int tokens, int intermediate, float[] gateUp) {
            Tensor out = on.zeros(dtype, tokens, intermediate);
            forward(on.device, on.tensor(dtype, gateUp, tokens, 2 * intermediate), out);
            return on.read(out);
        }
    }

    @ParameterizedTest
    @CsvSource({"SWIGLU, cpu", "SWIGLU, nd4j", "GEGLU, cpu", "GEGLU, nd4j"})
    void multipliesUpByTheGate(Gate gate, String device) {
        Random random = new Random(1);
        for (int[] shape : SHAPES) {
            int tokens = shape[0];
            int intermediate = shape[1];
            float[] gateUp = Fixture.normal(random, tokens * 2 * intermediate);
            gateUp[0] = -90;
            gateUp[intermediate - 1] = intermediate > 1 ? 90 : gateUp[0];
            double[] expected = new double[tokens * intermediate];
            for (int i = 0; i < expected.length; i++) {
                int at = i / intermediate * 2 * intermediate + i % intermediate;
                expected[i] = gate.of(gateUp[at]) * gateUp[at + intermediate];
            }
            try (Fixture on = Fixture.on(device)) {
                assertClose("out", gate.forward(on, DType.F32, tokens, intermediate, gateUp), expected, 2e-6);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"SWIGLU, cpu", "SWIGLU, nd4j", "GEGLU, cpu", "GEGLU, nd4j"})
    void gradientIsThatOfCentralDifferencesAndMayTakeTheInputsPlace(Gate gate, String device) {
        Random random = new Random(2);
        for (int[] shape : new int[][] {{1, 1}, {3, 4}, {2, 19}}) {
            int tokens = shape[0];
            int intermediate = shape[1];
            float[] gateUp = Fixture.normal(random, tokens * 2 * intermediate);
            float[] dOut = Fixture.normal(random, tokens * intermediate);
            try (Fixture on = Fixture.on(device)) {
                Tensor input = on.floats(gateUp, tokens, 2 * intermediate);
                Tensor gradient = on.floats(dOut, tokens, intermediate);
                Tensor apart = on.zeros(DType.F32, tokens, 2 * intermediate);
                gate.backward(on.device, input, gradient, apart, null);
                gate.backward(on.device, input, gradient, input, null);
                assertGradient(
                        "dGateUp",
                        on.read(apart),
                        gateUp,
                        dOut,
                        in -> gate.forward(on, DType.F32, tokens, intermediate, in),
                        1e-3);
                assertSameBits("dGateUp in place", on.read(input), on.read(apart));
            }
        }
    }

    @OnEachDevice
    void theBackwardPassGivesTheOutputAgain(String device) {
        for (int[] shape : SHAPES) {
            for (Gate gate : Gate.values()) {
                for (DType dtype : new DType[] {DType.F32, DType.BF16}) {
                    try (Fixture on = Fixture.on(device)) {
                        if (on.device.computes(dtype)) {
                            givesTheOutputAgain(on, gate, dtype, shape[0], shape[1]);
                        }
                    }
                }
            }
        }
    }

    private static void givesTheOutputAgain(Fixture on, Gate gate, DType dtype, int tokens, int intermediate) {
        Random random = new Random(5);
        float[] values = Fixture.normal(random, tokens * 2 * intermediate);
        Tensor gateUp = on.tensor(dtype, values, tokens, 2 * intermediate);
        Tensor gradient = on.tensor(dtype, Fixture.normal(random, tokens * intermediate), tokens, intermediate);
        Tensor alone = on.zeros(dtype, tokens, 2 * intermediate);
        Tensor apart = on.zeros(dtype, tokens, intermediate);
        gate.backward(on.device, gateUp, gradient, alone, null);
        gate.backward(on.device, gateUp, gradient, on.zeros(dtype, tokens, 2 * intermediate), apart);
        gate.backward(on.device, gateUp, gradient, gateUp, gradient);
        float[] expected = gate.forward(on, dtype, tokens, intermediate, values);
        assertSameBits("out", on.read(apart), expected);
        assertSameBits("out in place", on.read(gradient), expected);
        assertSameBits("dGateUp", on.read(gateUp), on.read(alone));
    }

    @ParameterizedTest
    @EnumSource
    void bfloat16IsCloseToFloat(Gate gate) {
        float[] gateUp = Bf16.round(Fixture.normal(new Random(3), 9 * 50));
        float[] dOut = Bf16.round(Fixture.normal(new Random(4), 9 * 25));
        try (Fixture on = Fixture.on("cpu")) {
            assertClose(
                    "out",
                    gate.forward(on, DType.BF16, 9, 25, gateUp),
                    gate.forward(on, DType.F32, 9, 25, gateUp),
                    2 * Bf16.EPSILON);
            Tensor floats = on.floats(gateUp, 9, 50);
            Tensor halves = on.tensor(DType.BF16, gateUp, 9, 50);
            gate.backward(on.device, floats, on.floats(dOut, 9, 25), floats, null);
            gate.backward(on.device, halves, on.tensor(DType.BF16, dOut, 9, 25), halves, null);
            assertClose("dGateUp", on.read(halves), on.read(floats), 2 * Bf16.EPSILON);
        }
    }

    @ParameterizedTest
    @CsvSource({"SWIGLU, swiglu, cpu", "SWIGLU, swiglu, nd4j", "GEGLU, geglu, cpu", "GEGLU, geglu, nd4j"})
    void refusesAGateWithoutUp(Gate gate, String op, String device) {
        try (Fixture on = Fixture.on(device)) {
            assertThatThrownBy(() -> gate.forward(on.device, on.zeros(DType.F32, 2, 3), on.zeros(DType.F32, 2, 3)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(op + "Forward: gateUp is F32[2, 3] on " + device + ", expected F32[2, 6]");
        }
    }
}
