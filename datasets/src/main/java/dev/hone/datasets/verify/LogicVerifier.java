package dev.hone.datasets.verify;

import dev.hone.datasets.pairs.Pair;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Each person must be assigned what the key says, in whatever order: {@code A knight, B knave},
 * {@code B is a knave and A is a knight}.
 */
final class LogicVerifier implements Verifier {
    private static final Pattern ASSIGNMENT = Pattern.compile(
            "(\\p{L}[\\p{L}\\p{N}]*)\\s*(?:\\bis\\b|[:=])?\\s*(?:\\ban?\\b)?\\s*(?i:(knight|knave))\\b");

    @Override
    public String name() {
        return "logic";
    }

    @Override
    public Verdict verify(Pair pair, String completion) {
        Optional<Map<String, String>> key = assignment(pair.answer());
        if (key.isEmpty() || key.get().isEmpty()) {
            return Verdict.failed(
                    null, "the key \"" + pair.answer() + "\" of pair " + pair.id() + " assigns no knight or knave");
        }
        return FinalAnswer.of(completion)
                .map(answer -> Verdict.of(assignment(answer).equals(key), answer))
                .orElseGet(Verdict::noAnswer);
    }

    /** Who is what; empty where somebody is both. */
    private static Optional<Map<String, String>> assignment(String text) {
        Map<String, String> kinds = new HashMap<>();
        Matcher assignments = ASSIGNMENT.matcher(text);
        while (assignments.find()) {
            String kind = assignments.group(2).toLowerCase(Locale.ROOT);
            String before = kinds.put(assignments.group(1), kind);
            if (before != null && !before.equals(kind)) {
                return Optional.empty();
            }
        }
        return Optional.of(kinds);
    }
}
