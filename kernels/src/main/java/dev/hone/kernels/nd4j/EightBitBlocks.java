package dev.hone.kernels.nd4j;

import dev.hone.kernels.EightBitMoments;

/** A moment in 8 bits, element by element as {@link EightBitMoments} says. */
final class EightBitBlocks {

    private EightBitBlocks() {}

    static float[] decode(byte[] codes, float[] absmax, float[] levels) {
        float[] values = new float[codes.length];
        for (int i = 0; i < codes.length; i++) {
            values[i] = levels[codes[i] & 255] * absmax[i / EightBitMoments.BLOCK];
        }
        return values;
    }

    /**
     * @param values to encode
     * @param least of the codes of what is above 0
     * @param codes out, like {@code absmax}
     */
    static void encode(float[] values, float[] levels, int least, byte[] codes, float[] absmax) {
        for (int begin = 0; begin < values.length; begin += EightBitMoments.BLOCK) {
            int end = Math.min(values.length, begin + EightBitMoments.BLOCK);
            float largest = 0;
            for (int i = begin; i < end; i++) {
                largest = Math.max(largest, Math.abs(values[i]));
            }
            absmax[begin / EightBitMoments.BLOCK] = largest;
            for (int i = begin; i < end; i++) {
                int code = nearest(levels, largest > 0 ? values[i] / largest : 0);
                codes[i] = (byte) (values[i] > 0 ? Math.max(code, least) : code);
            }
        }
    }

    /** Of two as near the lower. */
    private static int nearest(float[] levels, float value) {
        int nearest = 0;
        for (int code = 1; code < levels.length; code++) {
            if (Math.abs((double) levels[code] - value) < Math.abs((double) levels[nearest] - value)) {
                nearest = code;
            }
        }
        return nearest;
    }
}
