package dev.hone.perf.gpu;

import dev.hone.datasets.text.TokenizedPair;
import dev.hone.trainer.generate.Prompt;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.json.JsonMapper;

/**
 * Lengths that hone and its peer are both given, from workload.json; the tokens themselves are random.
 *
 * @param about how the lengths were drawn
 * @param texts to train on
 * @param prompts to complete
 * @param completions of each prompt
 */
record Workload(String about, List<Integer> texts, List<Integer> prompts, List<Integer> completions) {

    static Workload read(Path file) {
        return JsonMapper.shared().readValue(file.toFile(), Workload.class);
    }

    /** @param divisor of all lengths and counts, for a trial run on a slower device */
    Workload shrunk(int divisor) {
        return new Workload(about, shrunk(texts, divisor), shrunk(prompts, divisor), shrunk(completions, divisor));
    }

    private static List<Integer> shrunk(List<Integer> lengths, int divisor) {
        return lengths.subList(0, Math.max(8, lengths.size() / divisor)).stream()
                .map(length -> Math.max(2, length / divisor))
                .toList();
    }

    /** Pairs of these lengths, every token but the first learned. */
    static List<TokenizedPair> pairs(List<Integer> lengths, int vocabulary) {
        List<TokenizedPair> pairs = new ArrayList<>();
        for (int i = 0; i < lengths.size(); i++) {
            pairs.add(new TokenizedPair("text " + i, tokens(i, lengths.get(i), vocabulary), 1));
        }
        return pairs;
    }

    static List<TokenizedPair> pairs(int count, int length, int vocabulary) {
        return pairs(Collections.nCopies(count, length), vocabulary);
    }

    static List<Prompt> prompts(List<Integer> lengths, int samples, int vocabulary) {
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < lengths.size(); i++) {
            prompts.add(new Prompt(tokens(i, lengths.get(i), vocabulary), samples, i));
        }
        return prompts;
    }

    private static int[] tokens(long seed, int count, int vocabulary) {
        return new Random(seed).ints(count, 0, vocabulary).toArray();
    }
}
