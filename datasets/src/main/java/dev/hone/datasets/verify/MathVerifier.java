package dev.hone.datasets.verify;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.verify.ComputerAlgebra.NoDecision;

/**
 * The answer must be mathematically the same as the key: numbers, fractions, percents, formulas, tuples, intervals and
 * sets, plain or in LaTeX.
 */
final class MathVerifier implements Verifier {
    @Override
    public String name() {
        return "math";
    }

    @Override
    public Verdict verify(Pair pair, String completion) {
        String answer = FinalAnswer.of(completion).orElse(null);
        if (answer == null) {
            return Verdict.noAnswer();
        }
        String key = FinalAnswer.of(pair.answer()).orElse(pair.answer());
        try {
            return Verdict.of(MathEquivalence.areEqual(MathText.of(key), MathText.of(answer)), answer);
        } catch (NoDecision e) {
            return Verdict.failed(answer, e.reason());
        }
    }
}
