package dev.hone.datasets.procedural;

import dev.hone.datasets.pairs.Pair;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/** A generator whose levels are a number of its problems. */
public abstract class LeveledGenerator implements TaskGenerator {
    private final String name;
    private final String domain;
    private final String verifier;
    private final int levels;

    /** @param verifier the verifier of every pair */
    protected LeveledGenerator(String name, String domain, String verifier, int levels) {
        this.name = name;
        this.domain = domain;
        this.verifier = verifier;
        this.levels = levels;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final String domain() {
        return domain;
    }

    @Override
    public final int levels() {
        return levels;
    }

    @Override
    public final Pair generate(int level, long seed) {
        Problem problem = problem(level, random(level, seed));
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("generator", name);
        metadata.put("level", level);
        metadata.put("seed", seed);
        return new Pair(
                name + "-" + level + "-" + seed,
                domain,
                problem.prompt() + "\n",
                problem.answer(),
                problem.work() + "Answer: " + problem.answer(),
                verifier,
                metadata);
    }

    /**
     * Random numbers of a level and seed. {@link Random} is specified to the bit, unlike newer generators; but its first
     * numbers are alike for neighbouring seeds, so the seed goes through the finalizer of SplitMix64 (Steele, Lea and
     * Flood 2014) first.
     */
    private Random random(int level, long seed) {
        if (level < 1 || level > levels) {
            throw new IllegalArgumentException(
                    "Level of %s is %d: must be between 1 and %d".formatted(name, level, levels));
        }
        long z = seed + (name.hashCode() * 31L + level) * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return new Random(z ^ (z >>> 31));
    }

    /** @param level from 1 to {@link #levels()} */
    protected abstract Problem problem(int level, Random random);

    /** A number from {@code low} to {@code high}, both included. */
    protected static int between(Random random, int low, int high) {
        return low + random.nextInt(high - low + 1);
    }

    /** A number of a size from {@code low} to {@code high}, with either sign. */
    protected static int signed(Random random, int low, int high) {
        int size = between(random, low, high);
        return random.nextBoolean() ? size : -size;
    }

    /** So many different numbers from {@code low} to {@code high}, in the order drawn. */
    protected static List<Integer> distinct(Random random, int count, int low, int high) {
        List<Integer> numbers = new ArrayList<>();
        while (numbers.size() < count) {
            int number = between(random, low, high);
            if (!numbers.contains(number)) {
                numbers.add(number);
            }
        }
        return numbers;
    }

    /** {@code 4, 6 and 9} */
    protected static String listed(List<?> things) {
        String all = things.stream().map(String::valueOf).collect(Collectors.joining(", "));
        int last = all.lastIndexOf(", ");
        return last < 0 ? all : all.substring(0, last) + " and " + all.substring(last + 2);
    }

    /** Puts a list into a random order; {@link java.util.Collections#shuffle} does not promise which. */
    protected static <T> List<T> shuffled(Random random, List<T> list) {
        List<T> shuffled = new ArrayList<>(list);
        for (int i = shuffled.size() - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            T moved = shuffled.get(i);
            shuffled.set(i, shuffled.get(j));
            shuffled.set(j, moved);
        }
        return shuffled;
    }
}
