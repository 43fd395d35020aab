package dev.hone.datasets.curate;

import java.io.Closeable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The texts kept so far, found again by what they have in common. Memory grows by about a hundred bytes a text, and by
 * another hundred for near duplicates; the texts themselves are on disk.
 */
final class DuplicateIndex implements Closeable {
    /** Of the texts that share a band, how many are compared: those that share most. */
    private static final int MOST_COMPARED = 64;

    /**
     * What is compared of a text; made apart from the index, so that several threads can.
     *
     * @param numbers the same for texts that may be near copies of each other by their numbers
     */
    record Fingerprint(String text, long[] shingles, long numbers, int[] keys) {}

    private final double threshold;
    private final @Nullable MinHash minHash;
    private final List<KeyIndex> indexes;
    private final TextLog texts = new TextLog();
    private final TextLog ids = new TextLog();

    DuplicateIndex(double threshold, long seed) {
        this.threshold = threshold;
        this.minHash = threshold < 1 ? new MinHash(threshold, seed) : null;
        int bands = minHash == null ? 0 : minHash.bands();
        this.indexes =
                IntStream.rangeClosed(0, bands).mapToObj(i -> new KeyIndex()).toList();
    }

    Fingerprint fingerprint(String prompt) {
        String text = NormalText.of(prompt);
        int whole = (int) Hashes.of(text, 0, text.length());
        if (minHash == null) {
            return new Fingerprint(text, new long[0], 0, new int[] {whole});
        }
        long[] shingles = MinHash.shingles(text);
        long numbers = numbers(text);
        int[] bands = minHash.bands(shingles);
        int[] keys = new int[bands.length + 1];
        keys[0] = whole;
        for (int band = 0; band < bands.length; band++) {
            // Prompts of one template share nearly all shingles, and are many: those of other numbers do not meet.
            keys[band + 1] = (int) Hashes.mix(numbers ^ bands[band]);
        }
        return new Fingerprint(text, shingles, numbers, keys);
    }

    /**
     * Problems that differ in a number are different problems. Where there are so many numbers that all but one are as
     * alike as shingles must be, they are not looked at: a long text may differ in one and be a copy.
     */
    private long numbers(String text) {
        Numerals numerals = Numerals.of(text);
        int n = numerals.count();
        return n - 1 < threshold * (n + 1) ? numerals.hash() : -1;
    }

    /** The id of a text kept earlier that this one repeats; null where there is none, and then it is kept. */
    @Nullable
    String add(String id, Fingerprint print) {
        int earlier = same(print);
        if (earlier < 0 && minHash != null) {
            earlier = near(print);
        }
        if (earlier >= 0) {
            return ids.get(earlier);
        }
        int number = texts.size();
        texts.add(print.text());
        ids.add(id);
        for (int i = 0; i < print.keys().length; i++) {
            indexes.get(i).add(print.keys()[i], number);
        }
        return null;
    }

    private int same(Fingerprint print) {
        KeyIndex index = indexes.get(0);
        for (int other = index.last(print.keys()[0]); other >= 0; other = index.before(other)) {
            if (texts.get(other).equals(print.text())) {
                return other;
            }
        }
        return -1;
    }

    private int near(Fingerprint print) {
        Map<Integer, Integer> sharedBands = new HashMap<>();
        for (int i = 1; i < print.keys().length; i++) {
            KeyIndex index = indexes.get(i);
            for (int other = index.last(print.keys()[i]); other >= 0; other = index.before(other)) {
                sharedBands.merge(other, 1, Integer::sum);
            }
        }
        // Most shared bands first, then the earliest: two numbers in one.
        long[] candidates = sharedBands.entrySet().stream()
                .mapToLong(entry -> -((long) entry.getValue() << 32) + entry.getKey())
                .toArray();
        Arrays.sort(candidates);
        for (int i = 0; i < Math.min(candidates.length, MOST_COMPARED); i++) {
            int other = (int) candidates[i];
            String text = texts.get(other);
            if (numbers(text) == print.numbers()
                    && MinHash.jaccard(print.shingles(), MinHash.shingles(text)) >= threshold) {
                return other;
            }
        }
        return -1;
    }

    @Override
    public void close() {
        texts.close();
        ids.close();
    }
}
