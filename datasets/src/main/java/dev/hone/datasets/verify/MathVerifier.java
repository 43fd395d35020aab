package dev.hone.datasets.verify;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.verify.ComputerAlgebra.NoDecision;
import java.util.Optional;

/**
 * The answer must be mathematically the same as the key: numbers, fractions, percents, units, formulas, equations,
 * tuples, intervals, sets and matrices, plain or in LaTeX.
 */
final class MathVerifier implements Verifier {
    @Override
    public String name() {
        return "math";
    }

    @Override
    public Verdict verify(Pair pair, String completion) {
        Optional<String> found = MathAnswer.of(completion);
        if (found.isEmpty()) {
            return Verdict.noAnswer();
        }
        String answer = found.get();
        String key = FinalAnswer.of(pair.answer()).orElse(pair.answer());
        try {
            return Verdict.of(MathEquivalence.areEqual(key, answer), answer);
        } catch (NoDecision e) {
            return Verdict.failed(answer, e.reason());
        }
    }
}
