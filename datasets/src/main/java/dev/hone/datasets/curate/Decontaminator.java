package dev.hone.datasets.curate;

import dev.hone.datasets.curate.Dropped.Reason;
import dev.hone.datasets.pairs.Pair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Drops pairs that give a benchmark away: the prompt is a benchmark's but for case and spacing, or prompt or response
 * share {@code n} words in a row with one (Brown et al. 2020, appendix C, takes 13).
 */
public final class Decontaminator {
    private final int n;
    private final Set<String> benchmarkTexts = new HashSet<>();
    private final Set<String> benchmarkGrams = new HashSet<>();

    /** @param n words in a row; 0 compares whole prompts only, which is what short generated problems need */
    public Decontaminator(Collection<String> benchmarkPrompts, int n) {
        if (n < 0) {
            throw new IllegalArgumentException("n is %d: must not be negative".formatted(n));
        }
        this.n = n;
        for (String prompt : benchmarkPrompts) {
            benchmarkTexts.add(NormalText.of(prompt));
            benchmarkGrams.addAll(grams(prompt));
        }
    }

    public Selection filter(List<Pair> pairs) {
        List<Pair> kept = new ArrayList<>();
        List<Dropped> dropped = new ArrayList<>();
        for (Pair pair : pairs) {
            if (isContaminated(pair)) {
                dropped.add(new Dropped(pair, Reason.CONTAMINATED));
            } else {
                kept.add(pair);
            }
        }
        return new Selection(kept, dropped);
    }

    private boolean isContaminated(Pair pair) {
        return benchmarkTexts.contains(NormalText.of(pair.prompt()))
                || givesAway(pair.prompt())
                || (pair.response() != null && givesAway(pair.response()));
    }

    private boolean givesAway(String text) {
        return grams(text).stream().anyMatch(benchmarkGrams::contains);
    }

    private List<String> grams(String text) {
        if (n == 0) {
            return List.of();
        }
        List<String> words = Arrays.asList(NormalText.words(text));
        List<String> grams = new ArrayList<>();
        for (int end = n; end <= words.size(); end++) {
            grams.add(String.join(" ", words.subList(end - n, end)));
        }
        return grams;
    }
}
