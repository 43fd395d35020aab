package dev.hone.kernels;

import static dev.hone.kernels.Closeness.assertSameBits;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ScaleTest {

    @OnEachDevice
    void multipliesInPlaceToo(String device) {
        for (int size : new int[] {1, 17, 40_000}) {
            float[] values = Fixture.normal(new Random(size), size);
            float[] expected = new float[size];
            for (int i = 0; i < size; i++) {
                expected[i] = values[i] * 1.7f;
            }
            try (Fixture on = Fixture.on(device)) {
                Tensor x = on.floats(values, size);
                Tensor out = on.zeros(DType.F32, size);
                on.device.scale(x, 1.7f, out);
                on.device.scale(x, 1.7f, x);
                assertSameBits("out", on.read(out), expected);
                assertSameBits("in place", on.read(x), expected);
            }
        }
    }

    @Test
    void bfloat16IsRounded() {
        float[] values = Bf16.round(Fixture.normal(new Random(1), 50));
        float[] expected = new float[50];
        for (int i = 0; i < 50; i++) {
            expected[i] = values[i] * 0.3f;
        }
        try (Fixture on = Fixture.on("cpu")) {
            Tensor x = on.tensor(DType.BF16, values, 50);
            on.device.scale(x, 0.3f, x);
            assertSameBits("x", on.read(x), Bf16.round(expected));
        }
    }
}
