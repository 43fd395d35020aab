package dev.hone.datasets.curate;

/** 64-bit hashes, the same on every machine. */
final class Hashes {
    private static final long OFFSET = 0xCBF29CE484222325L;
    private static final long PRIME = 0x100000001B3L;

    private Hashes() {}

    /** Fowler, Noll and Vo's FNV-1a over the UTF-16 units of {@code text[start, end)}, mixed. */
    static long of(CharSequence text, int start, int end) {
        long hash = OFFSET;
        for (int i = start; i < end; i++) {
            hash = (hash ^ text.charAt(i)) * PRIME;
        }
        return mix(hash);
    }

    /** The finalizer of SplitMix64 (Steele, Lea and Flood 2014): every bit of the result depends on every bit given. */
    static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
