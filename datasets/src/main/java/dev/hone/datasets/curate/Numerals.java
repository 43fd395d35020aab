package dev.hone.datasets.curate;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The numbers of a text, in their order: its runs of digits. Those that group thousands are one, and that of a list's item
 * or a heading ({@code 12. What is}, {@code Problem 3: What is}) is none.
 */
record Numerals(int count, long hash) {
    private static final Pattern ITEM =
            Pattern.compile("(?:(?:problem|question|exercise|example|q) ?)?\\d{1,4} ?[.):] ");

    /** @param text as {@link NormalText#of} leaves it */
    static Numerals of(String text) {
        Matcher item = ITEM.matcher(text);
        int count = 0;
        long hash = 0;
        for (int i = item.lookingAt() ? item.end() : 0; i < text.length(); i++) {
            if (isDigit(text, i)) {
                boolean continues = isDigit(text, i - 1) || groupsThousands(text, i - 1);
                hash = continues ? hash : Hashes.mix(hash);
                count += continues ? 0 : 1;
                hash = Hashes.mix(hash + 1 + Character.digit(text.charAt(i), 10));
            }
        }
        return new Numerals(count, hash);
    }

    private static boolean isDigit(String text, int at) {
        return at >= 0 && at < text.length() && Character.isDigit(text.charAt(at));
    }

    /** Whether there is a comma, after a digit and before three. */
    private static boolean groupsThousands(String text, int at) {
        return at > 0
                && text.charAt(at) == ','
                && isDigit(text, at - 1)
                && isDigit(text, at + 1)
                && isDigit(text, at + 2)
                && isDigit(text, at + 3)
                && !isDigit(text, at + 4);
    }
}
