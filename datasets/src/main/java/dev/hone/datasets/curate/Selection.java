package dev.hone.datasets.curate;

import dev.hone.datasets.pairs.Pair;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** What a filter makes of pairs: those kept, in their order, and those dropped. */
public record Selection(List<Pair> kept, List<Dropped> dropped) {
    public Selection {
        kept = List.copyOf(kept);
        dropped = List.copyOf(dropped);
    }

    /** Nothing dropped yet. */
    public static Selection of(List<Pair> candidates) {
        return new Selection(candidates, List.of());
    }

    /** Filters what is kept so far; what was dropped before stays dropped. */
    public Selection then(Function<List<Pair>, Selection> filter) {
        Selection next = filter.apply(kept);
        List<Dropped> all = new ArrayList<>(dropped);
        all.addAll(next.dropped);
        return new Selection(next.kept, all);
    }

    /** The counts. */
    public TeachabilityReport report() {
        return TeachabilityReport.of(this);
    }
}
