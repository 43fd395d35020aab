package dev.hone.trainer.domains;

import dev.hone.datasets.Sha256;
import dev.hone.datasets.pairs.Pair;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Parts of pairs that follow from the pairs alone: a smaller share is a part of a larger one. */
final class Subset {

    private Subset() {}

    /** {@code share} of the pairs, to the nearest whole pair, in their order. */
    static List<Pair> of(List<Pair> pairs, double share) {
        int count = (int) Math.round(share * pairs.size());
        Set<String> taken = pairs.stream()
                .map(Pair::id)
                .sorted(Comparator.comparing(Sha256::bytes, Arrays::compareUnsigned))
                .limit(count)
                .collect(Collectors.toCollection(HashSet::new));
        return pairs.stream().filter(pair -> taken.contains(pair.id())).toList();
    }
}
