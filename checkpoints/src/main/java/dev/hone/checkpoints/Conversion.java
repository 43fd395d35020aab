package dev.hone.checkpoints;

import dev.hone.kernels.DType;
import dev.hone.kernels.HostFloat;
import dev.hone.kernels.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** Copies little-endian elements of a file to a device, as they are or from one floating-point type to another. */
final class Conversion {

    /** Elements that are converted here at a time. */
    private static final int CHUNK = 1 << 15;

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
     * What devices do not convert becomes F32 here, which they do.
     */
    long copy(ByteBuffer bytes, Tensor flat, long start) {
        long elements = bytes.remaining() / from.bytes();
        Tensor filled = flat.rows(start, start + elements);
        if (from.name().equals(to.name())) {
            flat.device().write(bytes, filled);
            return elements;
        }
        switch (from) {
            case F32 -> flat.device().write(bytes, HostFloat.F32, filled);
            case BF16 -> flat.device().write(bytes, HostFloat.BF16, filled);
            case F16 -> flat.device().write(bytes, HostFloat.F16, filled);
            case F64, F8_E4M3 -> copyAsFloats(bytes, filled);
            default -> throw new IllegalStateException(from + " is no floating-point type");
        }
        return elements;
    }

    private void copyAsFloats(ByteBuffer bytes, Tensor filled) {
        ByteBuffer converted = ByteBuffer.allocateDirect(CHUNK * Float.BYTES).order(ByteOrder.nativeOrder());
        for (long done = 0; done < filled.size(); done += CHUNK) {
            converted.clear();
            while (bytes.hasRemaining() && converted.hasRemaining()) {
                converted.putFloat(from == ElementType.F64 ? (float) bytes.getDouble() : quarter(bytes.get()));
            }
            converted.flip();
            long count = converted.remaining() / Float.BYTES;
            filled.device().write(converted, HostFloat.F32, filled.rows(done, done + count));
        }
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
}
