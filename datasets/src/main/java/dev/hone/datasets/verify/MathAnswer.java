package dev.hone.datasets.verify;

import dev.hone.datasets.verify.MathValue.Words;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the mathematical answer of a completion: the marked one, or, where a sentence goes on after it, the formula or
 * number the sentence begins with; without any mark, the last formula or number.
 */
final class MathAnswer {
    private static final Pattern SENTENCE_END =
            Pattern.compile("[.!?](?=\\s|\\*|$)|,? (?:because|since|so|where|which|for|as|after)\\b");
    private static final Pattern FORMULA = Pattern.compile(
            "(?<!\\\\)\\$\\$?([^$]+?)(?<!\\\\)\\$\\$?|\\\\\\((.+?)\\\\\\)|\\\\\\[(.+?)\\\\]", Pattern.DOTALL);
    private static final Pattern NUMBER = Pattern.compile(
            "(?<![\\w.])(?:(?<![\\d)] )(?<![\\w)])[-−])?[$£€]?(?:\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?|\\d*\\.?\\d+)"
                    + "(?:\\s*/\\s*\\d+|[eE][+-]?\\d+)?(?:\\s*\\\\?%)?");
    private static final Pattern PROSE_AFTER = Pattern.compile("\\s*(?:[,;:.]\\s|\\(?[A-Za-z])");
    private static final Pattern ALTERNATIVE = Pattern.compile("\\bor\\b[^.]*\\d");
    /** The end of a long text is enough for a last number. */
    private static final int TAIL = 2000;

    private MathAnswer() {}

    static Optional<String> of(String completion) {
        Optional<String> answer = FinalAnswer.of(completion);
        if (answer.isPresent()) {
            return Optional.of(formulaIn(answer.get()));
        }
        String text = FinalAnswer.withoutThought(completion);
        return FinalAnswer.isMarked(text) ? Optional.empty() : last(text);
    }

    private static String formulaIn(String answer) {
        if (isFormula(answer)) {
            return answer;
        }
        Matcher formula = FORMULA.matcher(answer);
        if (formula.find()) {
            return inside(formula);
        }
        Matcher end = SENTENCE_END.matcher(answer);
        int from = 0;
        while (end.find(from)) {
            String sentence = answer.substring(0, end.start()).strip();
            if (!sentence.isEmpty() && isFormula(sentence)) {
                return sentence;
            }
            from = end.end();
        }
        Matcher number = NUMBER.matcher(answer);
        boolean starts = number.find()
                && answer.substring(0, number.start()).isBlank()
                && !ALTERNATIVE.matcher(answer).find()
                && PROSE_AFTER
                        .matcher(answer)
                        .region(number.end(), answer.length())
                        .lookingAt();
        return starts ? number.group() : answer;
    }

    private static boolean isFormula(String text) {
        return MathText.readings(text).stream().anyMatch(reading -> !(MathParser.parse(reading) instanceof Words));
    }

    private static Optional<String> last(String text) {
        String tail = text.substring(Math.max(0, text.length() - TAIL));
        String found = null;
        int at = -1;
        Matcher formulas = FORMULA.matcher(tail);
        while (formulas.find()) {
            if (isFormula(inside(formulas))) {
                found = inside(formulas);
                at = formulas.end();
            }
        }
        Matcher numbers = NUMBER.matcher(tail);
        while (numbers.find()) {
            if (numbers.start() >= at) {
                found = numbers.group().strip();
            }
        }
        return found == null && text.length() < 200
                ? NumberWords.digits(text.strip().replaceAll("[.!]$", ""))
                : Optional.ofNullable(found);
    }

    private static String inside(Matcher formula) {
        for (int group = 1; group <= 3; group++) {
            if (formula.group(group) != null) {
                return formula.group(group).strip();
            }
        }
        return formula.group();
    }
}
