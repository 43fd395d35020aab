package dev.hone.datasets.verify;

import dev.hone.datasets.pairs.Pair;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The letter chosen must be the key's: {@code B}, {@code (B)}, {@code B. Paris}, {@code the answer is (B)}. */
final class MultipleChoiceVerifier implements Verifier {
    private static final Pattern CHOICE =
            Pattern.compile("[\\s*(\\[\"'`$]*(?:(?i:option|choice|answer)\\s+)?[*(\\[\"'`$]*([A-Za-z])(?![A-Za-z'’])");
    private static final Pattern SENTENCE =
            Pattern.compile("(?i)\\b(?:(?:answer|choice|option)(?:\\s+(?:is|would be|must be)\\s*:?\\s*|\\s+[-–=]\\s+)"
                    + "|(?:i(?:'d| would| will|'ll)? (?:choose|pick|select|go with))\\s+)|\"answer\"\\s*:\\s*");
    private static final String LEAD = "(?i:(?:(?:so|thus|therefore|hence|it is|it['’]s|i think|i believe)[,:]?\\s+)*)";
    private static final Pattern ALONE = Pattern.compile("(?s)\\s*" + LEAD
            + "(?i:(?:option|choice)\\s+)?[*(\\[]*([A-Za-z])[*)\\].:]*(?:\\s*|[).:]\\s.*|\\s+[-–—]\\s.*)");
    private static final Pattern CALLED_RIGHT = Pattern.compile(
            "(?<![\\w'’])(?<!(?i:if|whether|that|not|says) )[*(\\[]*([A-Z])[*)\\].]* is (?:the )?(?:correct|right|best)\\b(?! only| if)");
    /** Another letter beside the first. */
    private static final Pattern SECOND =
            Pattern.compile("[)\\]*.\"'`}\\s]*(?:,|/|&|\\bor\\b|\\band\\b)\\s*[(\\[*\"']*([A-H])(?![A-Za-z'’])");

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
                .or(() -> only(plain(FinalAnswer.withoutThought(completion))))
                .or(() -> calledRight(FinalAnswer.withoutThought(completion)))
                .map(letter -> Verdict.of(letter.equals(key.get()), letter))
                .orElseGet(Verdict::noAnswer);
    }

    /** Empty where two are chosen. */
    private static Optional<String> letter(String text) {
        String plain = plain(text);
        Matcher choice = CHOICE.matcher(plain);
        if (!choice.lookingAt()) {
            return Optional.empty();
        }
        String letter = choice.group(1).toUpperCase(Locale.ROOT);
        Matcher second = SECOND.matcher(plain).region(choice.end(), plain.length());
        return second.lookingAt() && !second.group(1).equals(letter) ? Optional.empty() : Optional.of(letter);
    }

    private static String plain(String text) {
        return text.replaceAll("\\\\(?:text|math)(?:bf|it|rm)?\\s*\\{([^}]*)}", "$1");
    }

    /** A response that says nothing but the choice. */
    private static Optional<String> only(String response) {
        Matcher choice = ALONE.matcher(response);
        return choice.matches() ? Optional.of(choice.group(1).toUpperCase(Locale.ROOT)) : Optional.empty();
    }

    /** The one choice of which a response says that it is right. */
    private static Optional<String> calledRight(String response) {
        List<String> letters = CALLED_RIGHT
                .matcher(response)
                .results()
                .map(result -> result.group(1))
                .distinct()
                .toList();
        return letters.size() == 1 ? Optional.of(letters.get(0)) : Optional.empty();
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
