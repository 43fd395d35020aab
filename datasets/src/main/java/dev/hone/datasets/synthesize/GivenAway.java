package dev.hone.datasets.synthesize;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.Question;
import dev.hone.datasets.verify.Verifier;
import dev.hone.datasets.verify.Verifiers;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Whether a task says its own answer: as a whole word or number, not within a longer one, or as a number or formula that
 * the task's verifier takes for it, such as {@code 1,000} for {@code 1000}.
 */
final class GivenAway {
    /** Numbers, fractions and percentages, plain or in LaTeX, and short formulas between dollar signs. */
    private static final Pattern VALUE = Pattern.compile(
            "\\\\[dt]?frac\\{-?\\d+\\}\\{\\d+\\}|\\$[^$\\n]{1,40}\\$|-?\\d[\\d,]*(?:\\.\\d+)?(?:/\\d+)?(?:\\\\?%)?");

    private GivenAway() {}

    static boolean isIn(Question question, String answer) {
        // A choice's letter stands beside its text, right or wrong.
        if (question.verifier().equals("multiple_choice")) {
            return false;
        }
        String plain = answer.replaceAll("^\\$+|\\$+$", "").strip();
        return Pattern.compile(
                                "(?<![\\p{L}\\p{N}.])" + Pattern.quote(plain) + "(?![\\p{L}\\p{N}]|\\.\\p{N})",
                                Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE)
                        .matcher(question.prompt())
                        .find()
                || isWrittenOtherwise(question, answer);
    }

    private static boolean isWrittenOtherwise(Question question, String answer) {
        Verifier verifier = Verifiers.named(question.verifier());
        Pair pair = question.answered(answer);
        return verifier.comparesAnswers()
                && VALUE.matcher(question.prompt())
                        .results()
                        .map(MatchResult::group)
                        .distinct()
                        .anyMatch(value ->
                                verifier.verify(pair, "Answer: " + value).correct());
    }
}
