package dev.hone.datasets.verify;

import dev.hone.datasets.pairs.Pair;

/** The answer must be the key, character by character; only runs of white space count as one space. */
final class ExactVerifier implements Verifier {
    @Override
    public String name() {
        return "exact";
    }

    @Override
    public Verdict verify(Pair pair, String completion) {
        return FinalAnswer.of(completion)
                .map(answer -> Verdict.of(normalize(answer).equals(normalize(pair.answer())), answer))
                .orElseGet(Verdict::noAnswer);
    }

    private static String normalize(String text) {
        return text.strip().replaceAll("\\s+", " ");
    }
}
