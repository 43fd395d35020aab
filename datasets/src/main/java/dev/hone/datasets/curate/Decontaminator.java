package dev.hone.datasets.curate;

import dev.hone.datasets.curate.Dropped.Reason;
import dev.hone.datasets.pairs.Pair;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Drops pairs that give a benchmark away: the prompt is a benchmark's but for case, spacing and how formulas are written
 * ({@link PlainFormulas}), or prompt or response share {@code n} words in a row with one (Brown et al. 2020, appendix C,
 * takes 13; as there, a benchmark's problem of fewer words, but at least 8, counts as a whole). A dropped pair's metadata
 * says what it gives away: {@code contaminated_by}, the benchmark's problem, and {@code shared_words}. Safe for use by
 * several threads.
 */
public final class Decontaminator implements PairRule {
    /** A factor of the polynomial that hashes words in a row. */
    private static final long BASE = 0x9E3779B97F4A7C15L;

    /** Fewest words of a whole problem that are found within a text. */
    private static final int FEWEST = 8;

    private final int n;
    private final Map<String, String> problemOfText = new HashMap<>();

    /** By how many words a gram has: n, and fewer where whole problems have fewer. */
    private final Map<Integer, Map<Long, String>> problemOfGram = new TreeMap<>(Comparator.reverseOrder());

    /** @param n words in a row; 0 compares whole prompts only, which is what short generated problems need */
    public Decontaminator(Collection<String> benchmarkPrompts, int n) {
        this(n);
        benchmarkPrompts.forEach(prompt -> add(NormalText.of(prompt), prompt));
    }

    private Decontaminator(int n) {
        if (n < 0) {
            throw new IllegalArgumentException("n is %d: must not be negative".formatted(n));
        }
        this.n = n;
    }

    /** Against the problems of benchmarks, which are then named by their ids. */
    public static Decontaminator against(Collection<Pair> benchmark, int n) {
        Decontaminator decontaminator = new Decontaminator(n);
        benchmark.forEach(problem -> decontaminator.add(problem.id(), problem.prompt()));
        return decontaminator;
    }

    private void add(String problem, String prompt) {
        String plain = PlainFormulas.of(prompt);
        problemOfText.putIfAbsent(tight(plain), problem);
        List<String> words = NormalText.words(plain);
        int length = words.size() >= FEWEST ? Math.min(n, words.size()) : n;
        for (long gram : grams(words, length)) {
            problemOfGram.computeIfAbsent(length, unused -> new HashMap<>()).putIfAbsent(gram, problem);
        }
    }

    @Override
    public Optional<Dropped> judge(Pair pair) {
        String plain = PlainFormulas.of(pair.prompt());
        String problem = problemOfText.get(tight(plain));
        if (problem != null) {
            return Optional.of(dropped(pair, problem, NormalText.of(pair.prompt())));
        }
        Optional<Dropped> byPrompt = shared(pair, plain);
        return byPrompt.isPresent() || pair.response() == null || problemOfGram.isEmpty()
                ? byPrompt
                : shared(pair, PlainFormulas.of(pair.response()));
    }

    /** Without spaces but between two words or numbers. */
    private static String tight(String plain) {
        String normal = NormalText.of(plain);
        StringBuilder tight = new StringBuilder(normal.length());
        for (int i = 0; i < normal.length(); i++) {
            char c = normal.charAt(i);
            if (c != ' '
                    || (Character.isLetterOrDigit(normal.codePointBefore(i))
                            && Character.isLetterOrDigit(normal.codePointAt(i + 1)))) {
                tight.append(c);
            }
        }
        return tight.toString();
    }

    private Optional<Dropped> shared(Pair pair, String plain) {
        if (problemOfGram.isEmpty()) {
            return Optional.empty();
        }
        List<String> words = NormalText.words(plain);
        for (Map.Entry<Integer, Map<Long, String>> known : problemOfGram.entrySet()) {
            int length = known.getKey();
            long[] grams = grams(words, length);
            for (int i = 0; i < grams.length; i++) {
                String problem = known.getValue().get(grams[i]);
                if (problem != null) {
                    return Optional.of(dropped(pair, problem, String.join(" ", words.subList(i, i + length))));
                }
            }
        }
        return Optional.empty();
    }

    private static Dropped dropped(Pair pair, String problem, String words) {
        return new Dropped(
                pair.withMetadata("contaminated_by", problem).withMetadata("shared_words", words), Reason.CONTAMINATED);
    }

    /** Hashes of so many words in a row: a polynomial of the words' hashes, rolled on (Karp and Rabin 1987). */
    private static long[] grams(List<String> words, int length) {
        if (length == 0 || words.size() < length) {
            return new long[0];
        }
        long baseToLength = 1;
        for (int i = 0; i < length; i++) {
            baseToLength *= BASE;
        }
        long[] hashes = new long[words.size()];
        long[] grams = new long[words.size() - length + 1];
        long rolling = 0;
        for (int i = 0; i < hashes.length; i++) {
            hashes[i] = Hashes.of(words.get(i), 0, words.get(i).length());
            rolling = rolling * BASE + hashes[i];
            if (i >= length) {
                rolling -= hashes[i - length] * baseToLength;
            }
            if (i >= length - 1) {
                grams[i - length + 1] = Hashes.mix(rolling);
            }
        }
        return grams;
    }
}
