package dev.hone.kernels;

/** bfloat16: the upper half of a float, and what it leaves out, as {@link Device#split} makes them. */
public final class BFloat16 {

    private BFloat16() {}

    /** Rounds to nearest, ties away from zero; a NaN stays a NaN. */
    public static short bits(float value) {
        int bits = Float.floatToRawIntBits(value);
        return (short) ((Float.isNaN(value) ? bits | 0x400000 : bits + 0x8000) >>> 16);
    }

    /** What {@link #bits} leaves out, signed; 0 of a NaN. */
    public static short rest(float value) {
        return (short) (Float.isNaN(value) ? 0 : Float.floatToRawIntBits(value));
    }

    /** The float that {@link #bits} and {@link #rest} are of; of a NaN a quiet one. */
    public static float joined(short bits, short rest) {
        return Float.intBitsToFloat((bits << 16) + rest);
    }

    /** Exact. */
    public static float value(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }
}
