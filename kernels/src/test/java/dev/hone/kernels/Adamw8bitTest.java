package dev.hone.kernels;

import static dev.hone.kernels.Closeness.assertClose;
import static dev.hone.kernels.Closeness.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Against torchao's steps (src/test/python/make_adamw8bit_fixture.py), and against its definition. */
class Adamw8bitTest {

    private static final Device.AdamW HYPERPARAMETERS = new Device.AdamW(0.01f, 0.9f, 0.95f, 1e-8f, 0.1f);

    /** Blocks that are whole and one that is not. */
    private static final int SIZE = 1037;

    /** What torchao made. */
    private static final class Torchao {
        final ByteBuffer file;
        final int size;
        final int steps;
        final float[] signed;
        final float[] unsigned;
        final float[] start;
        final float[][] gradients;
        final float[] parameter;
        final byte[] m;
        final float[] mAbsmax;
        final byte[] v;
        final float[] vAbsmax;

        Torchao() {
            try {
                file = ByteBuffer.wrap(Files.readAllBytes(Path.of("src/test/resources/adamw8bit.bin")))
                        .order(ByteOrder.LITTLE_ENDIAN);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            size = file.getInt();
            steps = file.getInt();
            signed = floats(256);
            unsigned = floats(256);
            start = floats(size);
            gradients = new float[steps][];
            for (int step = 0; step < steps; step++) {
                gradients[step] = floats(size);
            }
            parameter = floats(size);
            m = bytes();
            mAbsmax = floats(size / 256);
            v = bytes();
            vAbsmax = floats(size / 256);
        }

        private float[] floats(int count) {
            float[] values = new float[count];
            file.asFloatBuffer().get(values);
            file.position(file.position() + count * Float.BYTES);
            return values;
        }

        private byte[] bytes() {
            byte[] values = new byte[size];
            file.get(values);
            return values;
        }
    }

    private static EightBitMoments moments(Fixture on, int size) {
        return new EightBitMoments(
                on.zeros(DType.U8, size),
                on.zeros(DType.F32, EightBitMoments.blocks(size)),
                on.zeros(DType.U8, size),
                on.zeros(DType.F32, EightBitMoments.blocks(size)),
                on.floats(maps(), 512));
    }

    private static float[] maps() {
        float[] maps = Arrays.copyOf(DynamicMap.signed(), 512);
        System.arraycopy(DynamicMap.unsigned(), 0, maps, 256, 256);
        return maps;
    }

    private static byte[] codes(Fixture on, Tensor codes) {
        ByteBuffer bytes = Fixture.direct((int) codes.size());
        on.device.read(codes, bytes);
        byte[] read = new byte[bytes.capacity()];
        bytes.clear().get(read);
        return read;
    }

    private static float[] decoded(Fixture on, Tensor codes, Tensor absmax, float[] levels) {
        byte[] read = codes(on, codes);
        float[] largest = on.read(absmax);
        float[] values = new float[read.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = levels[read[i] & 255] * largest[i / 256];
        }
        return values;
    }

    @Test
    void theMapsAreThoseOfTorchaoAndBitsandbytes() {
        Torchao torchao = new Torchao();
        assertSameBits("signed", DynamicMap.signed(), torchao.signed);
        assertSameBits("unsigned", DynamicMap.unsigned(), torchao.unsigned);
    }

    /** But for elements so near to halfway between two levels that rounding chooses. */
    @OnEachDevice
    void stepsAreThoseOfTorchao(String device) {
        Torchao torchao = new Torchao();
        try (Fixture on = Fixture.on(device)) {
            Tensor parameter = on.floats(torchao.start, torchao.size);
            EightBitMoments moments = moments(on, torchao.size);
            for (int step = 1; step <= torchao.steps; step++) {
                Tensor gradient = on.floats(torchao.gradients[step - 1], torchao.size);
                on.device.adamw8bit(parameter, null, moments, gradient, null, 0, HYPERPARAMETERS, step);
            }
            assertClose("m absmax", on.read(moments.mAbsmax()), Closeness.doubles(torchao.mAbsmax), 1e-6);
            assertClose("v absmax", on.read(moments.vAbsmax()), Closeness.doubles(torchao.vAbsmax), 1e-6);
            assertThat(differing(codes(on, moments.m()), torchao.m)).isLessThan(5);
            assertThat(differing(codes(on, moments.v()), torchao.v)).isLessThan(5);
            float[] got = on.read(parameter);
            int far = 0;
            for (int i = 0; i < got.length; i++) {
                far += Math.abs(got[i] - torchao.parameter[i]) > 1e-6 ? 1 : 0;
            }
            assertThat(far).isLessThan(5);
        }
    }

    /** Those that differ, each by one. */
    private static int differing(byte[] got, byte[] expected) {
        int differing = 0;
        for (int i = 0; i < got.length; i++) {
            int difference = Math.abs((got[i] & 255) - (expected[i] & 255));
            assertThat(difference).isLessThanOrEqualTo(1);
            differing += difference;
        }
        return differing;
    }

    /** A step from moments as they are kept is AdamW's, and what is kept afterwards is the nearest there is. */
    @OnEachDevice
    void aStepIsAdamwsAndItsMomentsAreTheNearest(String device) {
        Random random = new Random(1);
        try (Fixture on = Fixture.on(device)) {
            float[] start = Fixture.normal(random, SIZE);
            Tensor parameter = on.floats(start, SIZE);
            Tensor exact = on.floats(start, SIZE);
            EightBitMoments moments = moments(on, SIZE);
            for (int step = 1; step <= 4; step++) {
                Tensor gradient = on.floats(Fixture.normal(random, SIZE), SIZE);
                Tensor norm = on.zeros(DType.F32, 1);
                on.device.globalNorm(gradient, norm);
                Tensor m = on.floats(decoded(on, moments.m(), moments.mAbsmax(), DynamicMap.signed()), SIZE);
                Tensor v = on.floats(decoded(on, moments.v(), moments.vAbsmax(), DynamicMap.unsigned()), SIZE);
                on.device.copy(parameter, exact);
                on.device.adamw(exact, null, m, v, gradient, norm, 1, HYPERPARAMETERS, step);
                on.device.adamw8bit(parameter, null, moments, gradient, norm, 1, HYPERPARAMETERS, step);
                assertClose("parameter", on.read(parameter), Closeness.doubles(on.read(exact)), 1e-6);
                assertNearest(on.read(m), on.read(moments.mAbsmax()), codes(on, moments.m()), DynamicMap.signed(), 0);
                assertNearest(on.read(v), on.read(moments.vAbsmax()), codes(on, moments.v()), DynamicMap.unsigned(), 1);
            }
        }
    }

    private static void assertNearest(float[] values, float[] absmax, byte[] codes, float[] levels, int least) {
        for (int i = 0; i < values.length; i++) {
            float largest = 0;
            for (int j = i / 256 * 256; j < Math.min(values.length, (i / 256 + 1) * 256); j++) {
                largest = Math.max(largest, Math.abs(values[j]));
            }
            assertThat(absmax[i / 256]).isEqualTo(largest);
            double error = Math.abs((double) levels[codes[i] & 255] * largest - values[i]);
            for (int code = least; code < levels.length; code++) {
                assertThat(error)
                        .isLessThanOrEqualTo(Math.abs((double) levels[code] * largest - values[i]) + 1e-7 * largest);
            }
        }
    }

    /** Else a first moment that is left would be divided by epsilon alone. */
    @OnEachDevice
    void aSecondMomentIsNotRoundedToZero(String device) {
        float[] gradient = new float[SIZE];
        Arrays.fill(gradient, 1e-4f);
        gradient[5] = 1;
        try (Fixture on = Fixture.on(device)) {
            Tensor parameter = on.zeros(DType.F32, SIZE);
            EightBitMoments moments = moments(on, SIZE);
            on.device.adamw8bit(parameter, null, moments, on.floats(gradient, SIZE), null, 0, HYPERPARAMETERS, 1);
            assertThat(codes(on, moments.v())[7]).isEqualTo((byte) 1);
            assertThat(codes(on, moments.m())[7]).isNotEqualTo((byte) 127);
            on.device.adamw8bit(parameter, null, moments, on.zeros(DType.F32, SIZE), null, 0, HYPERPARAMETERS, 2);
            for (float value : on.read(parameter)) {
                assertThat(Math.abs(value)).isLessThan(3 * HYPERPARAMETERS.learningRate());
            }
        }
    }

    @OnEachDevice
    void momentsOfZeroStayZeroWithoutAGradient(String device) {
        try (Fixture on = Fixture.on(device)) {
            Tensor parameter = on.zeros(DType.F32, SIZE);
            EightBitMoments moments = moments(on, SIZE);
            on.device.adamw8bit(parameter, null, moments, on.zeros(DType.F32, SIZE), null, 0, HYPERPARAMETERS, 1);
            assertThat(on.read(moments.mAbsmax())).containsOnly(0f);
            assertThat(on.read(moments.vAbsmax())).containsOnly(0f);
            assertThat(on.read(parameter)).containsOnly(0f);
        }
    }

    /** Halves of floats as floats, with the bits of all blocks whatever others there are. */
    @Test
    void halvesFollowTheFloatsAndBlocksStandByThemselves() {
        for (int size : new int[] {SIZE, 2048}) {
            Random random = new Random(3);
            float[] start = Fixture.normal(random, size);
            try (Fixture on = Fixture.on("cpu")) {
                Tensor alone = on.floats(start, size);
                Tensor parameter = on.zeros(DType.BF16, size);
                Tensor rest = on.zeros(DType.I16, size);
                Tensor joined = on.zeros(DType.F32, size);
                Tensor some = on.floats(Arrays.copyOf(start, 512), 512);
                on.device.split(alone, parameter, rest);
                EightBitMoments[] moments = {moments(on, size), moments(on, size), moments(on, 512)};
                for (int step = 1; step <= 3; step++) {
                    Tensor gradient = on.floats(Fixture.normal(random, size), size);
                    on.device.adamw8bit(alone, null, moments[0], gradient, null, 0, HYPERPARAMETERS, step);
                    on.device.adamw8bit(parameter, rest, moments[1], gradient, null, 0, HYPERPARAMETERS, step);
                    on.device.adamw8bit(some, null, moments[2], gradient.rows(0, 512), null, 0, HYPERPARAMETERS, step);
                }
                on.device.join(parameter, rest, joined);
                assertSameBits("joined", on.read(joined), on.read(alone));
                assertThat(codes(on, moments[1].v())).isEqualTo(codes(on, moments[0].v()));
                assertSameBits("some", on.read(some), Arrays.copyOf(on.read(alone), 512));
            }
        }
    }

    @OnEachDevice
    void refusesMomentsOfAnotherSize(String device) {
        try (Fixture on = Fixture.on(device)) {
            Tensor t = on.zeros(DType.F32, 300);
            assertThatThrownBy(() -> on.device.adamw8bit(t, null, moments(on, 299), t, null, 0, HYPERPARAMETERS, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("adamw8bit: m");
            assertThatThrownBy(() -> on.device.adamw8bit(t, null, moments(on, 300), t, null, 0, HYPERPARAMETERS, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("adamw8bit: step is 0, it counts from 1");
        }
    }
}
