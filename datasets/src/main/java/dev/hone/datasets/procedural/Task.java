package dev.hone.datasets.procedural;

import dev.hone.datasets.pairs.Pair;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** What all generators share: how a seed becomes random numbers, and a problem a pair. */
final class Task {
    private Task() {}

    /**
     * Random numbers of a level and seed. {@link Random} is specified to the bit, unlike newer generators; but its first
     * numbers are alike for neighbouring seeds, so the seed goes through the finalizer of SplitMix64 (Steele, Lea and
     * Flood 2014) first.
     */
    static Random random(TaskGenerator generator, int level, long seed) {
        if (level < 1 || level > generator.levels()) {
            throw new IllegalArgumentException("Level of %s is %d: must be between 1 and %d"
                    .formatted(generator.name(), level, generator.levels()));
        }
        long z = seed + (generator.name().hashCode() * 31L + level) * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return new Random(z ^ (z >>> 31));
    }

    /** @param work the worked steps, each ended by a newline; the answer follows them */
    static Pair pair(
            TaskGenerator generator, String verifier, int level, long seed, String prompt, String work, String answer) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("generator", generator.name());
        metadata.put("level", level);
        metadata.put("seed", seed);
        return new Pair(
                generator.name() + "-" + level + "-" + seed,
                generator.domain(),
                prompt + "\n",
                answer,
                work + "Answer: " + answer,
                verifier,
                metadata);
    }

    /** A number of exactly so many digits; of one digit, 1 to 9. */
    static int number(Random random, int digits) {
        int low = (int) Math.pow(10, digits - 1);
        return low + random.nextInt(9 * low);
    }
}
