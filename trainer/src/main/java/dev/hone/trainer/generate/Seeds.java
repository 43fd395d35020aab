package dev.hone.trainer.generate;

/** Seeds from seeds, so that everything drawn follows from one number and its place. */
public final class Seeds {

    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private Seeds() {}

    /** The {@code index}-th seed of {@code seed}: SplitMix64 (Steele, Lea and Flood 2014), over both in turn. */
    public static long mix(long seed, long index) {
        return scramble(scramble(seed + GOLDEN_GAMMA) + (index + 1) * GOLDEN_GAMMA);
    }

    private static long scramble(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
