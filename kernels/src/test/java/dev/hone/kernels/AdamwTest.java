package dev.hone.kernels;

import static dev.hone.kernels.Closeness.assertClose;
import static dev.hone.kernels.Closeness.assertSameBits;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class AdamwTest {

    private static final Device.AdamW HYPERPARAMETERS = new Device.AdamW(0.01f, 0.9f, 0.95f, 1e-8f, 0.1f);
    private static final int SIZE = 1037;
    private static final int STEPS = 7;

    /** The update of Loshchilov and Hutter 2019, Algorithm 2, in double precision, with clipping. */
    private static final class Expected {

        final double[] parameter;
        final double[] m = new double[SIZE];
        final double[] v = new double[SIZE];

        Expected(float[] parameter) {
            this.parameter = Closeness.doubles(parameter);
        }

        void step(float[] gradient, double clip, int step) {
            for (int i = 0; i < SIZE; i++) {
                double g = gradient[i] * clip;
                m[i] = HYPERPARAMETERS.beta1() * m[i] + (1.0 - HYPERPARAMETERS.beta1()) * g;
                v[i] = HYPERPARAMETERS.beta2() * v[i] + (1.0 - HYPERPARAMETERS.beta2()) * g * g;
                double unbiasedM = m[i] / (1 - Math.pow(HYPERPARAMETERS.beta1(), step));
                double unbiasedV = v[i] / (1 - Math.pow(HYPERPARAMETERS.beta2(), step));
                parameter[i] -= HYPERPARAMETERS.learningRate()
                        * (unbiasedM / (Math.sqrt(unbiasedV) + HYPERPARAMETERS.epsilon())
                                + HYPERPARAMETERS.weightDecay() * parameter[i]);
            }
        }
    }

    @OnEachDevice
    void followsTheFormula(String device) {
        Random random = new Random(1);
        float[] start = Fixture.normal(random, SIZE);
        Expected expected = new Expected(start);
        try (Fixture on = Fixture.on(device)) {
            Tensor parameter = on.floats(start, SIZE);
            Tensor m = on.zeros(DType.F32, SIZE);
            Tensor v = on.zeros(DType.F32, SIZE);
            for (int step = 1; step <= STEPS; step++) {
                float[] gradient = Fixture.normal(random, SIZE);
                on.device.adamw(parameter, null, m, v, on.floats(gradient, SIZE), null, 0, HYPERPARAMETERS, step);
                expected.step(gradient, 1, step);
            }
            assertClose("parameter", on.read(parameter), expected.parameter, 1e-5);
            assertClose("m", on.read(m), expected.m, 1e-5);
            assertClose("v", on.read(v), expected.v, 1e-5);
        }
    }

    @OnEachDevice
    void scalesAGradientDownToTheLargestNorm(String device) {
        Random random = new Random(2);
        float[] start = Fixture.normal(random, SIZE);
        float[] gradient = Fixture.normal(random, SIZE);
        double norm = Math.sqrt(Closeness.dot(gradient, gradient));
        for (float maxNorm : new float[] {1, 1000}) {
            Expected expected = new Expected(start);
            expected.step(gradient, norm > maxNorm ? maxNorm / (norm + 1e-6) : 1, 1);
            try (Fixture on = Fixture.on(device)) {
                Tensor parameter = on.floats(start, SIZE);
                Tensor m = on.zeros(DType.F32, SIZE);
                Tensor v = on.zeros(DType.F32, SIZE);
                Tensor gradients = on.floats(gradient, SIZE);
                Tensor norms = on.zeros(DType.F32, 1);
                on.device.globalNorm(gradients, norms);
                on.device.adamw(parameter, null, m, v, gradients, norms, maxNorm, HYPERPARAMETERS, 1);
                assertClose("m", on.read(m), expected.m, 1e-6);
                assertClose("v", on.read(v), expected.v, 1e-6);
                assertClose("parameter", on.read(parameter), expected.parameter, 1e-5);
            }
        }
    }

    @Test
    void halvesFollowTheFloatsTheyAreOf() {
        Random random = new Random(3);
        float[] start = Fixture.normal(random, SIZE);
        try (Fixture on = Fixture.on("cpu")) {
            Tensor alone = on.floats(start, SIZE);
            Tensor parameter = on.zeros(DType.BF16, SIZE);
            Tensor rest = on.zeros(DType.I16, SIZE);
            Tensor joined = on.zeros(DType.F32, SIZE);
            on.device.split(alone, parameter, rest);
            Tensor[] m = {on.zeros(DType.F32, SIZE), on.zeros(DType.F32, SIZE)};
            Tensor[] v = {on.zeros(DType.F32, SIZE), on.zeros(DType.F32, SIZE)};
            for (int step = 1; step <= STEPS; step++) {
                Tensor gradient = on.floats(Fixture.normal(random, SIZE), SIZE);
                on.device.adamw(alone, null, m[0], v[0], gradient, null, 0, HYPERPARAMETERS, step);
                on.device.adamw(parameter, rest, m[1], v[1], gradient, null, 0, HYPERPARAMETERS, step);
            }
            on.device.join(parameter, rest, joined);
            assertSameBits("joined", on.read(joined), on.read(alone));
            assertSameBits("parameter", on.read(parameter), SplitTest.upper(on.read(alone)));
        }
    }

    @OnEachDevice
    void refusesARestOfFloatParametersAndStepZero(String device) {
        try (Fixture on = Fixture.on(device)) {
            Tensor t = on.zeros(DType.F32, 3);
            assertThatThrownBy(() -> on.device.adamw(t, t, t, t, t, null, 0, HYPERPARAMETERS, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("parameter is F32[3] on " + device + ", expected BF16 with one");
            assertThatThrownBy(() -> on.device.adamw(t, null, t, t, t, null, 0, HYPERPARAMETERS, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("adamw: step is 0, it counts from 1");
        }
    }
}
