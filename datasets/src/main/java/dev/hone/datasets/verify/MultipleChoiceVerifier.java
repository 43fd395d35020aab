package dev.hone.datasets.verify;

import dev.hone.datasets.pairs.Pair;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The letter chosen must be the key's: {@code B}, {@code (B)}, {@code B. Paris}, {@code the answer is (B)}. */
final class MultipleChoiceVerifier implements Verifier {
    private static final Pattern CHOICE =
            Pattern.compile("[\\s*(\\[\"'`$]*(?:(?:option|choice)\\s+)?[*(]*([A-Za-z])(?![A-Za-z'’])");
    private static final Pattern SENTENCE =
            Pattern.compile("(?i)\\b(?:answer|choice|option)\\s+(?:is|would be|must be)\\s*:?\\s*");
    private static final Pattern ALONE = Pattern.compile("(?s)\\s*[*(\\[]*([A-Za-z])[*)\\].:]*(?:\\s*|[).:]\\s.*)");

    @Override
    public String name() {
        return "multiple_choice";
    }

    @Override
    public Verdict verify(Pair pair, String completion) {
        Optional<String> key = letter(pair.answer());
        if (key.isEmpty()) {
            return Verdict.failed(
                    null, "key: the answer \"" + pair.answer() + "\" of pair " + pair.id() + " is no letter");
        }
        return FinalAnswer.of(completion)
                .flatMap(MultipleChoiceVerifier::letter)
                .or(() -> afterSentence(completion).flatMap(MultipleChoiceVerifier::letter))
                .or(() -> alone(FinalAnswer.withoutThought(completion)))
                .map(letter -> Verdict.of(letter.equals(key.get()), letter))
                .orElseGet(Verdict::noAnswer);
    }

    private static Optional<String> letter(String text) {
        Matcher choice = CHOICE.matcher(text.replaceAll("\\\\text(?:bf|it|rm)?\\s*\\{([^}]*)}", "$1"));
        return choice.lookingAt() ? Optional.of(choice.group(1).toUpperCase(Locale.ROOT)) : Optional.empty();
    }

    /** A response that is nothing but the choice. */
    private static Optional<String> alone(String response) {
        Matcher alone = ALONE.matcher(response);
        return alone.matches() ? Optional.of(alone.group(1).toUpperCase(Locale.ROOT)) : Optional.empty();
    }

    private static Optional<String> afterSentence(String completion) {
        Matcher sentence = SENTENCE.matcher(completion);
        int end = -1;
        while (sentence.find()) {
            end = sentence.end();
        }
        return end < 0 ? Optional.empty() : Optional.of(completion.substring(end));
    }
}
