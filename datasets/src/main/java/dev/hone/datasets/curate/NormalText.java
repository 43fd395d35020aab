package dev.hone.datasets.curate;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Texts made comparable. */
final class NormalText {
    private NormalText() {}

    /** The same for texts that differ in case, spacing, characters without a shape or the encoding of characters alone. */
    static String of(String text) {
        String lower = (isAscii(text) ? text : Normalizer.normalize(text, Normalizer.Form.NFKC))
                .toLowerCase(Locale.ROOT)
                .strip();
        StringBuilder normal = new StringBuilder(lower.length());
        boolean space = false;
        for (int i = 0; i < lower.length(); i++) {
            char c = lower.charAt(i);
            if (c == ' ' || (c >= '\t' && c <= '\r') || (c >= 128 && isSpace(c))) {
                space = true;
                continue;
            }
            if (c >= 128 && Character.getType(c) == Character.FORMAT) {
                continue;
            }
            if (space && !normal.isEmpty()) {
                normal.append(' ');
            }
            space = false;
            normal.append(c);
        }
        return normal.toString();
    }

    private static boolean isSpace(char c) {
        return Character.isSpaceChar(c) || Character.isWhitespace(c) || c == '\u0085';
    }

    /** Its words: runs of letters and digits. */
    static List<String> words(String text) {
        String normal = of(text);
        List<String> words = new ArrayList<>();
        int start = -1;
        for (int i = 0; i < normal.length(); ) {
            int c = normal.codePointAt(i);
            if (isWordPart(c)) {
                start = start < 0 ? i : start;
            } else if (start >= 0) {
                words.add(normal.substring(start, i));
                start = -1;
            }
            i += Character.charCount(c);
        }
        if (start >= 0) {
            words.add(normal.substring(start));
        }
        return words;
    }

    private static boolean isWordPart(int c) {
        if (c < 128) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        }
        int type = Character.getType(c);
        return Character.isLetter(c)
                || type == Character.DECIMAL_DIGIT_NUMBER
                || type == Character.LETTER_NUMBER
                || type == Character.OTHER_NUMBER;
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 128) {
                return false;
            }
        }
        return true;
    }
}
