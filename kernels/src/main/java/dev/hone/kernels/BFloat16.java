package dev.hone.kernels;

/** bfloat16: the upper half of a float. */
public final class BFloat16 {

    private BFloat16() {}

    /** Rounds to nearest, ties to even; a NaN stays a NaN. */
    public static short bits(float value) {
        int bits = Float.floatToRawIntBits(value);
        return (short) (Float.isNaN(value) ? bits >>> 16 | 0x40 : (bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
    }

    /** Exact. */
    public static float value(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }
}
