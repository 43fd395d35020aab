package dev.hone.kernels;

/** bfloat16: the upper half of a float, rounded to nearest even. */
final class Bf16 {

    /** The relative error of rounding to 8 bits of significand. */
    static final float EPSILON = 0x1p-8f;

    private Bf16() {}

    static short bits(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
    }

    static float value(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    static float[] round(float[] values) {
        float[] rounded = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            rounded[i] = value(bits(values[i]));
        }
        return rounded;
    }
}
