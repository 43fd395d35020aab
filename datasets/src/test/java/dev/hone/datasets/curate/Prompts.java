package dev.hone.datasets.curate;

import dev.hone.datasets.pairs.Pair;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Pairs of given prompts, with the ids 0, 1, 2, ... */
final class Prompts {
    private Prompts() {}

    static List<Pair> pairs(String... prompts) {
        return IntStream.range(0, prompts.length)
                .mapToObj(i -> new Pair(Integer.toString(i), "math", prompts[i], "1", null, "math", Map.of()))
                .toList();
    }
}
