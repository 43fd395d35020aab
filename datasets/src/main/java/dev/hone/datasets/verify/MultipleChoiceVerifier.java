package dev.hone.datasets.verify;

import dev.hone.datasets.pairs.Pair;
import java.util.Optional;

/** The letter chosen must be the key's: {@code B}, {@code (B)}, {@code B. Paris}, {@code the answer is (B)}. */
final class MultipleChoiceVerifier implements Verifier {
    @Override
    public String name() {
        return "multiple_choice";
    }

    @Override
    public Verdict verify(Pair pair, String completion) {
        Optional<String> key = ChoiceText.letter(pair.answer());
        if (key.isEmpty()) {
            return Verdict.failed(
                    null, "key: the answer \"" + pair.answer() + "\" of pair " + pair.id() + " is no letter");
        }
        return ChoiceText.of(completion)
                .map(letter -> Verdict.of(letter.equals(key.get()), letter))
                .orElseGet(Verdict::noAnswer);
    }
}
