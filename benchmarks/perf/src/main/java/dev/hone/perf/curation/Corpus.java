package dev.hone.perf.curation;

import dev.hone.datasets.pairs.Pair;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;

/**
 * Pairs as long as those of distilled reasoning data: prompts of 30 to 110 words, solutions of 80 to 600 words with
 * equations among them, about 2.3 kB a pair. Of a hundred pairs ten repeat an earlier one, ten are an earlier one with a
 * word in twenty exchanged, and one quotes a benchmark's problem.
 */
final class Corpus implements Iterator<Pair> {
    /** What a pair was made as; in its metadata under {@code planted}. */
    enum Kind {
        FRESH,
        EXACT,
        NEAR,
        CONTAMINATED
    }

    /** Earlier prompts that copies are made of. */
    private static final int RECENT = 20_000;

    private static final String[] ONSETS =
            "b c d f g h j k l m n p r s t v w br cr dr fl gr pl pr sh sl sp st str th tr".split(" ");
    private static final String[] NUCLEI = "a e i o u ai ea ee io oa ou".split(" ");
    private static final String[] CODAS = "b ck d ft g l ll m mp n nd ng nt p r rd rn s sh ss st t th x".split(" ");

    private final Random random;
    private final String[] vocabulary = new String[8_000];
    private final String[] recent = new String[RECENT];
    private final String[] benchmark;
    private final long count;
    private long made;
    private int fresh;

    /** @param benchmark prompts that some pairs quote */
    Corpus(long count, long seed, String[] benchmark) {
        this.random = new Random(seed);
        this.count = count;
        this.benchmark = benchmark.clone();
        // The words are the same for every seed.
        Random letters = new Random(1);
        for (int i = 0; i < vocabulary.length; i++) {
            StringBuilder word = new StringBuilder();
            for (int syllable = 1 + letters.nextInt(3); syllable > 0; syllable--) {
                word.append(ONSETS[letters.nextInt(ONSETS.length)]);
                word.append(NUCLEI[letters.nextInt(NUCLEI.length)]);
            }
            vocabulary[i] = word.append(CODAS[letters.nextInt(CODAS.length)]).toString();
        }
    }

    @Override
    public boolean hasNext() {
        return made < count;
    }

    @Override
    public Pair next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        int draw = random.nextInt(100);
        Kind kind = fresh < 1000 || draw >= 21
                ? Kind.FRESH
                : draw < 10 ? Kind.EXACT : draw < 20 ? Kind.NEAR : Kind.CONTAMINATED;
        String prompt =
                switch (kind) {
                    case EXACT -> earlier();
                    case NEAR -> changed(earlier());
                    case CONTAMINATED ->
                        sentence(10) + " " + benchmark[random.nextInt(benchmark.length)] + " " + sentence(10);
                    case FRESH -> sentence(30 + random.nextInt(81));
                };
        if (kind == Kind.FRESH) {
            recent[fresh % RECENT] = prompt;
            fresh++;
        }
        int answer = random.nextInt(10_000);
        made++;
        return new Pair(
                "p" + made,
                "math",
                prompt + "\n",
                Integer.toString(answer),
                solution(answer),
                "math",
                Map.of("planted", kind.name()));
    }

    /** A prompt made earlier. */
    private String earlier() {
        return recent[random.nextInt(Math.min(fresh, RECENT))];
    }

    /** With one word in twenty changed; another number would make another problem. */
    private String changed(String text) {
        String[] words = text.split(" ");
        for (int i = 0; i <= words.length / 20; i++) {
            int at = random.nextInt(words.length);
            if (!Character.isDigit(words[at].charAt(0))) {
                words[at] = word();
            }
        }
        return String.join(" ", words);
    }

    String sentence(int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(i == 0 ? "" : i % 14 == 0 ? ". " : " ");
            text.append(random.nextInt(12) == 0 ? Integer.toString(random.nextInt(1000)) : word());
        }
        return text.append('?').toString();
    }

    private String solution(int answer) {
        int words = (int) Math.min(600, 80 * Math.exp(0.8 * Math.abs(random.nextGaussian())) + random.nextInt(150));
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < words; i++) {
            if (i % 25 == 24) {
                int a = random.nextInt(500);
                int b = random.nextInt(500);
                text.append("\nSo ")
                        .append(a)
                        .append(" + ")
                        .append(b)
                        .append(" = ")
                        .append(a + b)
                        .append(".\n");
            } else {
                text.append(word()).append(' ');
            }
        }
        return text.append("\nAnswer: ").append(answer).toString();
    }

    /** Frequent words are frequent: the rank is drawn log-uniformly (Zipf). */
    private String word() {
        return vocabulary[(int) Math.exp(random.nextDouble() * Math.log(vocabulary.length)) - 1];
    }
}
