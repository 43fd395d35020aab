package dev.hone.datasets.curate;

import dev.hone.datasets.curate.DuplicateIndex.Fingerprint;
import dev.hone.datasets.pairs.Pair;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Cleans a stream of pairs of any length: first the rules, each pair by itself, then duplicates. So a pair that is
 * dropped never stands for one that is kept. What is kept comes out in the order it went in, whatever the number of
 * threads.
 */
public final class Cleaning {
    /** Pairs judged at once, by all processors. */
    private static final int BATCH = 4096;

    private final List<PairRule> rules;
    private final Deduplicator deduplicator;

    public Cleaning(List<PairRule> rules, Deduplicator deduplicator) {
        this.rules = List.copyOf(rules);
        this.deduplicator = deduplicator;
    }

    /** A pair with what the rules found, or, where they found nothing, what duplicates are found by. */
    private record Judged(
            Pair pair, @Nullable Dropped dropped, @Nullable Fingerprint fingerprint) {}

    /**
     * Hands every pair on.
     *
     * @param kept takes those to keep, in their order
     * @param dropped takes the others, in theirs
     * @return the counts
     */
    public TeachabilityReport clean(Iterator<Pair> pairs, Consumer<Pair> kept, Consumer<Dropped> dropped) {
        Map<String, Integer> byReason = new TreeMap<>();
        int candidates = 0;
        int left = 0;
        try (DuplicateIndex index = deduplicator.index()) {
            while (pairs.hasNext()) {
                for (Judged judged : judge(batch(pairs), index)) {
                    candidates++;
                    Dropped drop = judged.dropped();
                    if (judged.fingerprint() != null) {
                        String earlier = index.add(judged.pair().id(), judged.fingerprint());
                        drop = earlier == null ? null : Deduplicator.dropped(judged.pair(), earlier);
                    }
                    if (drop == null) {
                        left++;
                        kept.accept(judged.pair());
                    } else {
                        byReason.merge(drop.reason().name().toLowerCase(Locale.ROOT), 1, Integer::sum);
                        dropped.accept(drop);
                    }
                }
            }
        }
        return new TeachabilityReport(candidates, left, byReason);
    }

    private static List<Pair> batch(Iterator<Pair> pairs) {
        List<Pair> batch = new ArrayList<>(BATCH);
        while (batch.size() < BATCH && pairs.hasNext()) {
            batch.add(pairs.next());
        }
        return batch;
    }

    private List<Judged> judge(List<Pair> batch, DuplicateIndex index) {
        return batch.parallelStream().map(pair -> judge(pair, index)).toList();
    }

    private Judged judge(Pair pair, DuplicateIndex index) {
        for (PairRule rule : rules) {
            Optional<Dropped> dropped = rule.judge(pair);
            if (dropped.isPresent()) {
                return new Judged(pair, dropped.get(), null);
            }
        }
        return new Judged(pair, null, index.fingerprint(pair.prompt()));
    }
}
