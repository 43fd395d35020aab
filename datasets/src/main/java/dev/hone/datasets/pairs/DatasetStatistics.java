package dev.hone.datasets.pairs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a data card says of pairs, gathered one at a time. */
final class DatasetStatistics {
    /** Pairs shown in full. */
    private static final int EXAMPLES = 3;

    private final Map<String, Integer> verifiers = new TreeMap<>();
    private final Map<String, Integer> sources = new TreeMap<>();
    private final Lengths prompts = new Lengths();
    private final Lengths responses = new Lengths();
    private final List<Pair> examples = new ArrayList<>();

    void add(Pair pair) {
        verifiers.merge(pair.verifier(), 1, Integer::sum);
        sources.merge(source(pair), 1, Integer::sum);
        prompts.add(pair.prompt().length());
        if (pair.response() != null) {
            responses.add(pair.response().length());
        }
        if (examples.size() < EXAMPLES) {
            examples.add(pair);
        }
    }

    private static String source(Pair pair) {
        Object generator = pair.metadata().get("generator");
        if (generator != null) {
            return generator + ", level " + pair.metadata().get("level");
        }
        Object source = pair.metadata().get("source");
        return source == null ? "not said" : source.toString();
    }

    Map<String, Integer> verifiers() {
        return verifiers;
    }

    /** How many pairs are from each file, or from each generator and level. */
    Map<String, Integer> sources() {
        return sources;
    }

    /** Lengths in characters. */
    Lengths prompts() {
        return prompts;
    }

    Lengths responses() {
        return responses;
    }

    List<Pair> examples() {
        return examples;
    }

    /** Lengths, of which quantiles are exact. */
    static final class Lengths {
        private int[] lengths = new int[16];
        private int count;

        void add(int length) {
            if (count == lengths.length) {
                lengths = Arrays.copyOf(lengths, 2 * count);
            }
            lengths[count++] = length;
        }

        int count() {
            return count;
        }

        /** The length that a share {@code q} of all does not exceed; 0 where there are none. */
        int quantile(double q) {
            Arrays.sort(lengths, 0, count);
            return count == 0 ? 0 : lengths[Math.max(0, (int) Math.ceil(q * count) - 1)];
        }
    }
}
