package dev.hone.kernels;

import java.util.Arrays;

/**
 * The dynamic maps of Dettmers 2016 (arXiv 1511.04561, section 3) in 8 bits: for each power of ten from 1e-6 to 1, means of
 * evenly spaced bounds between 0.1 and 1, twice as many each time; and 0 and 1. Levels ascend; they have the bits of
 * bitsandbytes'.
 */
final class DynamicMap {

    /** Levels of a map. */
    static final int SIZE = 256;

    private static final int POWERS = 7;

    private DynamicMap() {}

    /** Of both signs, but for 1. */
    static float[] signed() {
        float[] levels = new float[SIZE];
        int at = 0;
        for (int i = 0; i < POWERS; i++) {
            for (int j = 0; j < 1 << i; j++) {
                float level = level(i, j, 1 << i);
                levels[at++] = level;
                levels[at++] = -level;
            }
        }
        return ascending(levels, at);
    }

    /** From 0, with twice the levels of a sign. */
    static float[] unsigned() {
        float[] levels = new float[SIZE];
        int at = 0;
        for (int i = 0; i < POWERS; i++) {
            for (int j = 0; j < 2 << i; j++) {
                levels[at++] = level(i, j, 2 << i);
            }
        }
        return ascending(levels, at);
    }

    /** What lies halfway between neighbouring levels. */
    static float[] bounds(float[] levels) {
        float[] bounds = new float[levels.length - 1];
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] = (levels[i] + levels[i + 1]) / 2;
        }
        return bounds;
    }

    private static float[] ascending(float[] levels, int filled) {
        levels[filled] = 0;
        levels[filled + 1] = 1;
        Arrays.sort(levels);
        return levels;
    }

    private static float level(int power, int fraction, int fractions) {
        float mean = (boundary(fraction, fractions) + boundary(fraction + 1, fractions)) / 2;
        return (float) Math.pow(10, power - (POWERS - 1)) * mean;
    }

    /** Evenly spaced from 0.1 to 1, rounded as PyTorch's linspace rounds, for the levels must be the same bits. */
    private static float boundary(int i, int of) {
        float step = (1 - 0.1f) / of;
        return i < (of + 1) / 2 ? Math.fma(step, i, 0.1f) : Math.fma(-step, of - i, 1f);
    }
}
