package dev.hone.kernels;

import static dev.hone.kernels.Closeness.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;

class SplitTest {

    /** Ties of both signs and parities, both zeros, the smallest and largest, what rounds to infinity, infinities. */
    private static final int[] EDGES = {
        0x3f808000,
        0xbf808000,
        0x3f818000,
        0xbf818000,
        0,
        0x80000000,
        1,
        0x80000001,
        0x8000,
        0x80008000,
        0x7fff,
        0x7f7fffff,
        0xff7fffff,
        0x7f7f8000,
        0x7f7f7fff,
        0x7f800000,
        0xff800000
    };

    private static final int[] NANS = {0x7fffffff, 0xffffffff, 0x7f800001, 0xff808000, 0x7fc00000};

    /** The nearest bfloat16 by distance in doubles; of two as near the larger. Infinite from halfway to the next power. */
    static float upper(float x) {
        if (!Float.isFinite(x)) {
            return x;
        }
        int below = Float.floatToRawIntBits(Math.abs(x)) & 0xffff0000;
        double low = Float.intBitsToFloat(below);
        float above = Float.intBitsToFloat(below + 0x10000);
        double high = Float.isInfinite(above) ? 0x1p128 : above;
        double magnitude = Math.abs((double) x);
        return Math.copySign(magnitude - low < high - magnitude ? (float) low : above, x);
    }

    static float[] upper(float[] values) {
        float[] uppers = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            uppers[i] = upper(values[i]);
        }
        return uppers;
    }

    /** Numbers of every exponent, and the edges. */
    private static float[] values(int size) {
        float[] values = new float[size];
        Random random = new Random(size);
        for (int i = 0; i < size; i++) {
            int bits = i < EDGES.length ? EDGES[i] : random.nextInt();
            values[i] = Float.intBitsToFloat((bits & 0x7fffffff) > 0x7f800000 ? bits & 0xbfffffff : bits);
        }
        return values;
    }

    @OnEachDevice
    void bothHalvesAreTheFloatToTheBit(String device) {
        for (int size : new int[] {19, 64, 100_001, 262_144}) {
            float[] values = values(size);
            try (Fixture on = Fixture.on(device)) {
                Tensor upper = on.zeros(DType.BF16, size);
                Tensor rest = on.zeros(DType.I16, size);
                Tensor rounded = on.zeros(DType.BF16, size);
                Tensor joined = on.zeros(DType.F32, size);
                on.device.split(on.floats(values, size), upper, rest);
                on.device.split(on.floats(values, size), rounded, null);
                on.device.join(upper, rest, joined);
                assertSameBits("joined", on.read(joined), values);
                assertSameBits("upper", on.read(upper), upper(values));
                assertSameBits("rounded", on.read(rounded), upper(values));
            }
        }
    }

    /** Each of the 65,536 floats around a bfloat16 that are nearer to it than to another has a rest of its own. */
    @OnEachDevice
    void everyFloatBetweenTwoNeighboursComesBack(String device) {
        for (int middle : new int[] {0x3f80, 0xbf81, 0x0000, 0x8001, 0x7f80, 0xff7f}) {
            int first = (middle << 16) - 0x18000;
            float[] values = new float[0x30000];
            for (int i = 0; i < values.length; i++) {
                float value = Float.intBitsToFloat(first + i);
                values[i] = Float.isNaN(value) ? 1 : value;
            }
            try (Fixture on = Fixture.on(device)) {
                Tensor upper = on.zeros(DType.BF16, values.length);
                Tensor rest = on.zeros(DType.I16, values.length);
                Tensor joined = on.zeros(DType.F32, values.length);
                on.device.split(on.floats(values, values.length), upper, rest);
                on.device.join(upper, rest, joined);
                assertSameBits("joined", on.read(joined), values);
                assertSameBits("upper", on.read(upper), upper(values));
            }
        }
    }

    @OnEachDevice
    void aNanStaysOne(String device) {
        float[] values = new float[NANS.length];
        for (int i = 0; i < NANS.length; i++) {
            values[i] = Float.intBitsToFloat(NANS[i]);
        }
        try (Fixture on = Fixture.on(device)) {
            Tensor upper = on.zeros(DType.BF16, NANS.length);
            Tensor rest = on.zeros(DType.I16, NANS.length);
            Tensor joined = on.zeros(DType.F32, NANS.length);
            on.device.split(on.floats(values, NANS.length), upper, rest);
            on.device.join(upper, rest, joined);
            for (int i = 0; i < NANS.length; i++) {
                assertThat(on.read(upper)[i]).isNaN();
                assertThat(on.read(joined)[i]).isNaN();
            }
        }
    }

    @OnEachDevice
    void refusesHalvesOfAnotherSizeOrType(String device) {
        try (Fixture on = Fixture.on(device)) {
            Tensor x = on.zeros(DType.F32, 5);
            assertThatThrownBy(() -> on.device.split(x, on.zeros(DType.BF16, 4), null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("split")
                    .hasMessageContaining("5 elements");
            assertThatThrownBy(() -> on.device.join(on.zeros(DType.BF16, 5), on.zeros(DType.I32, 5), x))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("join: rest");
        }
    }
}
