package dev.hone.datasets.verify;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * All even or all odd numbers: {@code \text{all odd } n \ge 3}, {@code n \text{ is even}}.
 *
 * @param rest what else must hold, {@code n ≥ 3}; empty where nothing is said
 */
record Parity(boolean even, boolean positive, String rest) {
    private static final Pattern NAMED = Pattern.compile("\\b(even|odd)\\b");
    private static final Pattern FILLING = Pattern.compile(
            "\\b(?:all|every|any|the|is|are|be|must|where|for|when|with|that|integers?|numbers?|values?|of)\\b|[,.;⟦⟧]");
    private static final Pattern LETTER = Pattern.compile("[a-z]?");

    static Optional<Parity> parse(String text) {
        Matcher named = NAMED.matcher(text.toLowerCase(Locale.ROOT));
        if (text.length() > 80 || !named.find()) {
            return Optional.empty();
        }
        String before = text.substring(0, named.start());
        String after = text.substring(named.end());
        boolean positive = (before + after).contains("positive");
        String rest = FILLING.matcher(
                        (before + " " + after).toLowerCase(Locale.ROOT).replace("positive", " "))
                .replaceAll(" ")
                .replaceAll(" +", " ")
                .strip()
                .replaceAll("^([a-z]) (?=\\1 ?[<>≤≥≠])", "");
        // Other words say more than can be compared.
        boolean words = rest.matches("(?s).*\\p{L}{2}.*");
        return words
                ? Optional.empty()
                : Optional.of(new Parity(
                        named.group().equals("even"),
                        positive,
                        LETTER.matcher(rest).matches() ? "" : rest));
    }
}
