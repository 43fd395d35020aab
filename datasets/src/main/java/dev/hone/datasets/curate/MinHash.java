package dev.hone.datasets.curate;

import java.util.Arrays;
import java.util.Random;

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

    int bands() {
        return HASHES / rows;
    }

    /** Hashes of the text's shingles, ascending and distinct; a shorter text is one shingle. */
    static long[] shingles(String text) {
        int count = Math.max(1, text.length() - SHINGLE + 1);
        long[] shingles = new long[count];
        for (int start = 0; start < count; start++) {
            shingles[start] = Hashes.of(text, start, Math.min(start + SHINGLE, text.length()));
        }
        Arrays.sort(shingles);
        int distinct = 1;
        for (int i = 1; i < count; i++) {
            if (shingles[i] != shingles[i - 1]) {
                shingles[distinct++] = shingles[i];
            }
        }
        return Arrays.copyOf(shingles, distinct);
    }

    /** One key a band; similar sets share at least one with high probability. */
    int[] bands(long[] shingles) {
        int[] bands = new int[bands()];
        for (int band = 0; band < bands.length; band++) {
            long key = band;
            for (int row = 0; row < rows; row++) {
                key = Hashes.mix(key ^ minimum(shingles, salts[band * rows + row]));
            }
            bands[band] = (int) key;
        }
        return bands;
    }

    /** Shingles are mixed already, so that a product by an odd number orders them anew (Dietzfelbinger et al. 1997). */
    private static long minimum(long[] shingles, long salt) {
        long factor = salt | 1;
        long minimum = Long.MAX_VALUE;
        for (long shingle : shingles) {
            minimum = Math.min(minimum, (shingle ^ salt) * factor);
        }
        return minimum;
    }

    /** Size of the intersection over that of the union, of ascending sets. */
    static double jaccard(long[] a, long[] b) {
        int shared = 0;
        for (int i = 0, j = 0; i < a.length && j < b.length; ) {
            if (a[i] == b[j]) {
                shared++;
                i++;
                j++;
            } else if (a[i] < b[j]) {
                i++;
            } else {
                j++;
            }
        }
        return (double) shared / (a.length + b.length - shared);
    }
}
