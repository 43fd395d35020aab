package dev.hone.kernels;

import static dev.hone.kernels.Closeness.assertSameBits;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class AddTest {

    private static float[] sum(float[] a, float[] b) {
        float[] sum = new float[a.length];
        for (int i = 0; i < a.length; i++) {
            sum[i] = a[i] + b[i];
        }
        return sum;
    }

    @OnEachDevice
    void addsElementByElementAlsoInPlace(String device) {
        Random random = new Random(1);
        for (int n : new int[] {1, 15, 33, 70_001}) {
            float[] a = Fixture.normal(random, n);
            float[] b = Fixture.normal(random, n);
            try (Fixture on = Fixture.on(device)) {
                Tensor first = on.floats(a, n);
                Tensor second = on.floats(b, n);
                Tensor out = on.zeros(DType.F32, n);
                on.device.add(first, second, out);
                assertSameBits("out", on.read(out), sum(a, b));
                on.device.add(first, second, second);
                assertSameBits("out over b", on.read(second), sum(a, b));
                on.device.add(first, out, first);
                assertSameBits("out over a", on.read(first), sum(a, sum(a, b)));
            }
        }
    }

    @Test
    void bfloat16RoundsTheExactSum() {
        float[] a = Bf16.round(Fixture.normal(new Random(2), 77));
        float[] b = Bf16.round(Fixture.normal(new Random(3), 77));
        try (Fixture on = Fixture.on("cpu")) {
            Tensor out = on.zeros(DType.BF16, 7, 11);
            on.device.add(on.tensor(DType.BF16, a, 7, 11), on.tensor(DType.BF16, b, 7, 11), out);
            assertSameBits("out", on.read(out), Bf16.round(sum(a, b)));
        }
    }

    @OnEachDevice
    void refusesOtherSizes(String device) {
        try (Fixture on = Fixture.on(device)) {
            Tensor a = on.zeros(DType.F32, 3);
            assertThatThrownBy(() -> on.device.add(a, on.zeros(DType.F32, 4), a))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("add: b is F32[4] on " + device + ", expected F32 with 3 elements, contiguous");
        }
    }
}
