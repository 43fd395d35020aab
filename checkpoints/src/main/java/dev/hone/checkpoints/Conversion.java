package dev.hone.checkpoints;

import dev.hone.kernels.BFloat16;
import dev.hone.kernels.DType;
import dev.hone.kernels.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Copies little-endian elements of a file to a device, as they are or from one floating-point type to another. */
final class Conversion {

    /** Elements converted at a time. */
    private static final int CHUNK = 1 << 15;

    private static final ThreadLocal<Space> SPACES = ThreadLocal.withInitial(Space::new);

    private final ElementType from;
    private final DType to;

    private Conversion(ElementType from, DType to) {
        this.from = from;
        this.to = to;
    }

    /** Null when values of one type have no place in the other. */
    static @Nullable Conversion between(ElementType from, DType to) {
        boolean same = from.name().equals(to.name());
        boolean floating =
                switch (from) {
                    case F32, BF16, F16, F64, F8_E4M3 -> to == DType.F32 || to == DType.BF16;
                    default -> false;
                };
        return same || floating ? new Conversion(from, to) : null;
    }

    /**
     * Copies all of {@code bytes} to {@code flat} from element {@code start} on, and returns how many elements that were.
     * Several threads convert; one at a time writes to the device.
     */
    long copy(ByteBuffer bytes, Tensor flat, long start) {
        long elements = bytes.remaining() / from.bytes();
        if (from.name().equals(to.name())) {
            flat.device().write(bytes, flat.rows(start, start + elements));
            return elements;
        }
        LongStream.range(0, (elements + CHUNK - 1) / CHUNK).parallel().forEach(chunk -> {
            long done = chunk * CHUNK;
            int count = (int) Math.min(CHUNK, elements - done);
            ByteBuffer part = bytes.slice((int) (done * from.bytes()), count * from.bytes())
                    .order(ByteOrder.LITTLE_ENDIAN);
            ByteBuffer converted = convert(part, count);
            synchronized (this) {
                flat.device().write(converted, flat.rows(start + done, start + done + count));
            }
        });
        return elements;
    }

    /** {@code count} elements in a buffer of this thread. */
    private ByteBuffer convert(ByteBuffer part, int count) {
        Space space = SPACES.get();
        float[] values = space.floats;
        floats(part, count, values, space.shorts);
        ByteBuffer converted = space.converted.clear().limit(count * to.bytes());
        if (to == DType.F32) {
            converted.asFloatBuffer().put(values, 0, count);
        } else {
            short[] narrow = space.shorts;
            for (int i = 0; i < count; i++) {
                narrow[i] = BFloat16.bits(values[i]);
            }
            converted.asShortBuffer().put(narrow, 0, count);
        }
        return converted;
    }

    private void floats(ByteBuffer part, int count, float[] values, short[] shorts) {
        switch (from) {
            case F32 -> part.asFloatBuffer().get(values, 0, count);
            case F64 -> {
                DoubleBuffer doubles = part.asDoubleBuffer();
                for (int i = 0; i < count; i++) {
                    values[i] = (float) doubles.get(i);
                }
            }
            case BF16 -> {
                part.asShortBuffer().get(shorts, 0, count);
                for (int i = 0; i < count; i++) {
                    values[i] = BFloat16.value(shorts[i]);
                }
            }
            case F16 -> {
                part.asShortBuffer().get(shorts, 0, count);
                float[] table = Halves.VALUES;
                for (int i = 0; i < count; i++) {
                    values[i] = table[shorts[i] & 0xffff];
                }
            }
            case F8_E4M3 -> {
                for (int i = 0; i < count; i++) {
                    values[i] = quarter(part.get(i));
                }
            }
            default -> throw new IllegalStateException(from + " is no floating-point type");
        }
    }

    /** What a thread converts in. */
    private static final class Space {
        final float[] floats = new float[CHUNK];
        final short[] shorts = new short[CHUNK];
        final ByteBuffer converted =
                ByteBuffer.allocateDirect(CHUNK * Float.BYTES).order(ByteOrder.nativeOrder());
    }

    /** Every half as a float, made when the first is read. */
    private static final class Halves {
        static final float[] VALUES = values();

        private static float[] values() {
            float[] values = new float[1 << 16];
            for (int bits = 0; bits < values.length; bits++) {
                values[bits] = half((short) bits);
            }
            return values;
        }
    }

    /** IEEE 754 binary16 to binary32, exact. */
    static float half(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = (bits >> 10) & 0x1f;
        int fraction = bits & 0x3ff;
        if (exponent == 0) {
            // Zero and subnormals: fraction * 2^-24.
            float value = fraction * 0x1p-24f;
            return sign == 0 ? value : -value;
        }
        int wide = exponent == 0x1f ? 0xff : exponent + (127 - 15);
        return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
    }

    /** E4M3 of Micikevicius et al. 2022 to binary32, exact: no infinities, one NaN of each sign. */
    static float quarter(byte bits) {
        int exponent = bits >> 3 & 15;
        int fraction = bits & 7;
        float magnitude = exponent == 15 && fraction == 7
                ? Float.NaN
                : exponent == 0 ? Math.scalb((float) fraction, -9) : Math.scalb(8f + fraction, exponent - 10);
        return bits < 0 ? -magnitude : magnitude;
    }

    /** binary32 to binary16, to nearest, ties to even; beyond 65,504 infinite. */
    static short half(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        float magnitude = Math.abs(value);
        if (Float.isNaN(value)) {
            return (short) (sign | 0x7e00);
        }
        if (magnitude < 0x1p-14f) {
            // Subnormals count in steps of 2^-24; the sum's last place is that step, so it rounds.
            int steps = Float.floatToRawIntBits(magnitude + 0.5f) - Float.floatToRawIntBits(0.5f);
            return (short) (sign | steps);
        }
        int rounded = (bits & 0x7fffffff) + 0xfff + (bits >>> 13 & 1);
        int half = (rounded - (112 << 23)) >> 13;
        return (short) (sign | Math.min(half, 0x7c00));
    }
}
