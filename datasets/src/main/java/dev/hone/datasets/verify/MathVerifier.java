package dev.hone.datasets.verify;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.verify.ComputerAlgebra.NoDecision;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The answer must be mathematically the same as the key: numbers, fractions, percents, units, formulas, equations,
 * tuples, intervals, sets and matrices, plain or in LaTeX.
 */
final class MathVerifier implements Verifier {
    private static final Pattern CHOICE = Pattern.compile("(?:\\\\(?:text|textbf|mathrm|mathbf)\\{)?\\(?[A-J]\\)?}?");

    private final Verifier choice = new MultipleChoiceVerifier();

    @Override
    public String name() {
        return "math";
    }

    @Override
    public Verdict verify(Pair pair, String completion) {
        String key = FinalAnswer.of(pair.answer()).orElse(pair.answer());
        Optional<String> found = MathAnswer.of(completion);
        if (found.isEmpty() && CHOICE.matcher(key).matches()) {
            // I choose B.
            return choice.verify(pair, completion);
        }
        String answer = found.or(() -> MathAnswer.words(completion)).orElse(null);
        if (answer == null) {
            return Verdict.noAnswer();
        }
        try {
            boolean equal = MathEquivalence.areEqual(key, answer);
            return equal || found.isPresent() ? Verdict.of(equal, answer) : Verdict.noAnswer();
        } catch (NoDecision e) {
            return Verdict.failed(answer, e.reason());
        }
    }
}
