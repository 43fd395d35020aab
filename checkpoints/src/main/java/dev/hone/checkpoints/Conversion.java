package dev.hone.checkpoints;

import dev.hone.kernels.DType;
import dev.hone.kernels.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** Copies little-endian elements of a file to a device, as they are or from one floating-point type to another. */
final class Conversion {

    /** Elements converted at a time. */
    private static final int CHUNK = 1 << 16;

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

    /** Copies all of {@code bytes} to {@code flat} from element {@code start} on, and returns how many elements that were. */
    long copy(ByteBuffer bytes, Tensor flat, long start) {
        long elements = bytes.remaining() / from.bytes();
        if (from.name().equals(to.name())) {
            flat.device().write(bytes, flat.rows(start, start + elements));
            return elements;
        }
        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK * to.bytes()).order(ByteOrder.nativeOrder());
        for (long done = 0; done < elements; ) {
            int count = (int) Math.min(CHUNK, elements - done);
            chunk.clear();
            for (int i = 0; i < count; i++) {
                put(chunk, next(bytes));
            }
            chunk.flip();
            flat.device().write(chunk, flat.rows(start + done, start + done + count));
            done += count;
        }
        return elements;
    }

    private float next(ByteBuffer bytes) {
        return switch (from) {
            case F32 -> bytes.getFloat();
            case F64 -> (float) bytes.getDouble();
            case BF16 -> Float.intBitsToFloat(bytes.getShort() << 16);
            case F16 -> half(bytes.getShort());
            case F8_E4M3 -> quarter(bytes.get());
            default -> throw new IllegalStateException(from + " is no floating-point type");
        };
    }

    private void put(ByteBuffer chunk, float value) {
        if (to == DType.F32) {
            chunk.putFloat(value);
        } else {
            chunk.putShort(bfloat16(value));
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

    /** binary32 to bfloat16, to nearest, ties to even; a NaN stays a NaN. */
    static short bfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
    }
}
