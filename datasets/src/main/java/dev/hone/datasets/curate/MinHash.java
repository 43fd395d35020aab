package dev.hone.datasets.curate;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/**
 * MinHash signatures with locality-sensitive hashing (Broder 1997; Leskovec, Rajaraman and Ullman, Mining of Massive
 * Datasets, section 3.4). Two sets of Jaccard similarity s share a band with probability {@code 1 - (1 - s^rows)^bands}.
 */
final class MinHash {
    /** Length of a shingle in characters: words are too coarse for short prompts. */
    private static final int SHINGLE = 5;

    private static final int HASHES = 128;

    private final long[] salts = new long[HASHES];
    private final int rows;

    /** @param threshold the similarity that is to be found, in (0, 1) */
    MinHash(double threshold, long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < HASHES; i++) {
            salts[i] = random.nextLong();
        }
        this.rows = rows(threshold);
    }

    /** The most rows a band can have so that a pair at the threshold is still found with probability 0.95. */
    private static int rows(double threshold) {
        int rows = 1;
        while (rows < HASHES && found(threshold, rows + 1) >= 0.95) {
            rows++;
        }
        return rows;
    }

    private static double found(double similarity, int rows) {
        return 1 - Math.pow(1 - Math.pow(similarity, rows), Math.floorDiv(HASHES, rows));
    }

    /** Hashes of the text's shingles; a shorter text is one shingle. */
    static Set<Long> shingles(String text) {
        Set<Long> shingles = new HashSet<>();
        for (int start = 0; start == 0 || start + SHINGLE <= text.length(); start++) {
            long hash = 0xCBF29CE484222325L;
            for (int i = start; i < Math.min(start + SHINGLE, text.length()); i++) {
                hash = (hash ^ text.charAt(i)) * 0x100000001B3L;
            }
            shingles.add(hash);
        }
        return shingles;
    }

    /** One key a band; similar sets share at least one with high probability. */
    long[] bands(Set<Long> shingles) {
        long[] bands = new long[HASHES / rows];
        for (int band = 0; band < bands.length; band++) {
            long key = band;
            for (int row = 0; row < rows; row++) {
                key = mix(key ^ minimum(shingles, salts[band * rows + row]));
            }
            bands[band] = key;
        }
        return bands;
    }

    private static long minimum(Set<Long> shingles, long salt) {
        long minimum = Long.MAX_VALUE;
        for (long shingle : shingles) {
            minimum = Math.min(minimum, mix(shingle ^ salt));
        }
        return minimum;
    }

    /** Size of the intersection over that of the union. */
    static double jaccard(Set<Long> a, Set<Long> b) {
        long shared = a.stream().filter(b::contains).count();
        return (double) shared / (a.size() + b.size() - shared);
    }

    /** The finalizer of SplitMix64. */
    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
