package dev.hone.datasets.curate;

import dev.hone.datasets.curate.Dropped.Reason;
import dev.hone.datasets.pairs.Pair;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Drops pairs whose prompt repeats an earlier one: the same but for case and spacing, or a near duplicate, whose
 * shingles of five characters overlap with Jaccard similarity at or above a threshold. The first of a kind is kept.
 */
public final class Deduplicator {
    private final double threshold;
    private final long seed;

    /**
     * @param threshold Jaccard similarity in (0, 1]; 1 drops exact duplicates only
     * @param seed of the hashes that find candidates; those are then compared exactly
     */
    public Deduplicator(double threshold, long seed) {
        if (!(threshold > 0 && threshold <= 1)) {
            throw new IllegalArgumentException("threshold is %s: must be in (0, 1]".formatted(threshold));
        }
        this.threshold = threshold;
        this.seed = seed;
    }

    public Selection filter(List<Pair> pairs) {
        List<Pair> kept = new ArrayList<>();
        List<Dropped> dropped = new ArrayList<>();
        Set<String> texts = new HashSet<>();
        NearDuplicates near = threshold < 1 ? new NearDuplicates(new MinHash(threshold, seed)) : null;
        for (Pair pair : pairs) {
            String text = NormalText.of(pair.prompt());
            if (!texts.add(text) || isNear(near, text)) {
                dropped.add(new Dropped(pair, Reason.DUPLICATE));
            } else {
                kept.add(pair);
            }
        }
        return new Selection(kept, dropped);
    }

    private static boolean isNear(@Nullable NearDuplicates near, String text) {
        return near != null && !near.add(text);
    }

    /** The texts kept so far, by the bands of their signatures. */
    private final class NearDuplicates {
        private final MinHash minHash;
        private final List<Set<Long>> shinglesOfKept = new ArrayList<>();
        private final Map<Long, List<Integer>> keptByBand = new HashMap<>();

        NearDuplicates(MinHash minHash) {
            this.minHash = minHash;
        }

        /** False, and not added, where it is close to one there. */
        boolean add(String text) {
            Set<Long> shingles = MinHash.shingles(text);
            long[] bands = minHash.bands(shingles);
            Set<Integer> candidates = new LinkedHashSet<>();
            for (long band : bands) {
                candidates.addAll(keptByBand.getOrDefault(band, List.of()));
            }
            for (int candidate : candidates) {
                if (MinHash.jaccard(shingles, shinglesOfKept.get(candidate)) >= threshold) {
                    return false;
                }
            }
            for (long band : bands) {
                keptByBand.computeIfAbsent(band, key -> new ArrayList<>()).add(shinglesOfKept.size());
            }
            shinglesOfKept.add(shingles);
            return true;
        }
    }
}
