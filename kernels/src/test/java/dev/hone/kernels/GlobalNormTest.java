package dev.hone.kernels;

import static dev.hone.kernels.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;

class GlobalNormTest {

    private static float norm(Fixture on, float[] gradient) {
        Tensor norm = on.zeros(DType.F32, 1);
        on.device.globalNorm(on.floats(gradient, gradient.length), norm);
        return on.read(norm)[0];
    }

    @OnEachDevice
    void isTheEuclideanNorm(String device) {
        Random random = new Random(1);
        for (int n : new int[] {1, 17, 4096, 1_000_003}) {
            float[] gradient = Fixture.normal(random, n);
            try (Fixture on = Fixture.on(device)) {
                assertClose(
                        "norm of " + n,
                        new float[] {norm(on, gradient)},
                        new double[] {Math.sqrt(Closeness.dot(gradient, gradient))},
                        1e-5);
            }
        }
    }

    @OnEachDevice
    void showsWhatIsNotFinite(String device) {
        try (Fixture on = Fixture.on(device)) {
            assertThat(norm(on, new float[] {1, Float.NaN, 2})).isNaN();
            assertThat(norm(on, new float[] {1, Float.NEGATIVE_INFINITY})).isEqualTo(Float.POSITIVE_INFINITY);
        }
    }

    @OnEachDevice
    void refusesOtherTypes(String device) {
        try (Fixture on = Fixture.on(device)) {
            assertThatThrownBy(() -> on.device.globalNorm(on.zeros(DType.BF16, 4), on.zeros(DType.F32, 1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("gradient is BF16[4] on " + device + ", expected F32 with 4 elements");
        }
    }
}
