package dev.hone.datasets.reference;

import dev.hone.datasets.pairs.Pair;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Pairs made with a reference model's help.
 *
 * @param pairs in the order of what they were made of
 * @param outcomes how many decisions there are of each kind, by its name in lower case
 */
public record Made(List<Pair> pairs, Map<String, Integer> outcomes) {
    public Made {
        pairs = List.copyOf(pairs);
        outcomes = new TreeMap<>(outcomes);
    }

    public static Made of(List<Pair> pairs, Collection<? extends Enum<?>> outcomes) {
        Map<String, Integer> counts = new TreeMap<>();
        outcomes.forEach(outcome -> counts.merge(outcome.name().toLowerCase(Locale.ROOT), 1, Integer::sum));
        return new Made(pairs, counts);
    }

    /** For people: {@code "kept 12, near_copy 3"}. */
    @Override
    public String toString() {
        return outcomes.entrySet().stream()
                .map(outcome -> outcome.getKey() + " " + outcome.getValue())
                .collect(Collectors.joining(", "));
    }
}
