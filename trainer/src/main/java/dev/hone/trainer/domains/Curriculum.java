package dev.hone.trainer.domains;

import dev.hone.datasets.pairs.Pair;
import dev.hone.trainer.recipe.SftKeys;
import java.util.ArrayList;
import java.util.List;

/**
 * What a domain is explored with.
 *
 * @param earlier pairs of the domains frozen before; one that is to be seen more often stands there more than once
 * @param own pairs of this domain, which are frozen in the end
 */
record Curriculum(List<Pair> earlier, List<Pair> own, SftKeys settings) {

    List<Pair> pairs() {
        List<Pair> pairs = new ArrayList<>(earlier);
        pairs.addAll(own);
        return pairs;
    }

    /** After remedies, one upon the other. */
    Curriculum after(List<Remedy> remedies) {
        Curriculum changed = this;
        for (Remedy remedy : remedies) {
            changed = remedy.apply(changed);
        }
        return changed;
    }
}
