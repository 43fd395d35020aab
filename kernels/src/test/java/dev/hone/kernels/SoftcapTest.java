package dev.hone.kernels;

import static dev.hone.kernels.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;

class SoftcapTest {

    @OnEachDevice
    void holdsValuesWithinTheCap(String device) {
        for (int size : new int[] {1, 33, 20_000}) {
            float[] values = Fixture.normal(new Random(size), size);
            for (int i = 0; i < size; i++) {
                values[i] *= i % 3 == 0 ? 100 : i % 3 == 1 ? 1 : 1e-4f;
            }
            values[0] = -1e6f;
            double[] expected = new double[size];
            for (int i = 0; i < size; i++) {
                expected[i] = 3 * Math.tanh(values[i] / 3.0);
            }
            try (Fixture on = Fixture.on(device)) {
                Tensor x = on.floats(values, size);
                on.device.softcap(x, 3);
                float[] got = on.read(x);
                assertClose("x", got, expected, 2e-6);
            }
        }
    }

    @OnEachDevice
    void refusesHalves(String device) {
        try (Fixture on = Fixture.on(device)) {
            assertThatThrownBy(() -> on.device.softcap(on.zeros(DType.BF16, 3), 3))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("softcap: x is BF16[3] on " + device);
        }
    }
}
