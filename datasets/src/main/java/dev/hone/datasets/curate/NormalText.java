package dev.hone.datasets.curate;

import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Texts made comparable. */
final class NormalText {
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+");

    private NormalText() {}

    /** The same for texts that differ in case, spacing or the encoding of characters alone. */
    static String of(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFKC)
                .toLowerCase(Locale.ROOT)
                .strip()
                .replaceAll("\\s+", " ");
    }

    /** Its words, without punctuation. */
    static String[] words(String text) {
        return WORD.matcher(of(text)).results().map(MatchResult::group).toArray(String[]::new);
    }
}
