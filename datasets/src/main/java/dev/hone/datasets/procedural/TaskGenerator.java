package dev.hone.datasets.procedural;

import dev.hone.datasets.pairs.Pair;

/** Makes tasks with worked solutions. The same level and seed give the same pair, on every machine. */
public interface TaskGenerator {
    String name();

    /** The domain of its pairs, such as {@code math}. */
    String domain();

    /** The hardest level; the easiest is 1. */
    int levels();

    /** @throws IllegalArgumentException where the level is not in 1..{@link #levels()} */
    Pair generate(int level, long seed);
}
