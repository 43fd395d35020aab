package dev.hone.datasets.curate;

import dev.hone.datasets.pairs.Pair;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Judges each pair by itself. Safe for use by several threads. */
public interface PairRule {
    /** The pair dropped, with what was found in its metadata; empty where it is kept. */
    Optional<Dropped> judge(Pair pair);

    /** Judges all. */
    default Selection filter(List<Pair> pairs) {
        List<Pair> kept = new ArrayList<>();
        List<Dropped> dropped = new ArrayList<>();
        for (Pair pair : pairs) {
            judge(pair).ifPresentOrElse(dropped::add, () -> kept.add(pair));
        }
        return new Selection(kept, dropped);
    }
}
