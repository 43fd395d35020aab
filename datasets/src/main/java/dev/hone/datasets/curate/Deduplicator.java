package dev.hone.datasets.curate;

import dev.hone.datasets.curate.Dropped.Reason;
import dev.hone.datasets.pairs.Pair;
import java.util.ArrayList;
import java.util.List;

/**
 * Drops pairs whose prompt repeats an earlier one: the same but for case and spacing, or a near duplicate, whose
 * shingles of five characters overlap with Jaccard similarity at or above a threshold. Of n numbers in a near duplicate
 * all must be the same, in the same order, where one that differs would bring their own similarity, {@code (n - 1) / (n +
 * 1)}, below the threshold. The first of a kind is kept, and the {@code duplicate_of} in a dropped pair's metadata is its
 * id.
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
        try (DuplicateIndex index = index()) {
            for (Pair pair : pairs) {
                String earlier = index.add(pair.id(), index.fingerprint(pair.prompt()));
                if (earlier == null) {
                    kept.add(pair);
                } else {
                    dropped.add(dropped(pair, earlier));
                }
            }
        }
        return new Selection(kept, dropped);
    }

    DuplicateIndex index() {
        return new DuplicateIndex(threshold, seed);
    }

    static Dropped dropped(Pair pair, String earlier) {
        return new Dropped(pair.withMetadata("duplicate_of", earlier), Reason.DUPLICATE);
    }
}
