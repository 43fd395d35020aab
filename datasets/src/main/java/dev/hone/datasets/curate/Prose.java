package dev.hone.datasets.curate;

/** The words of a text, without its formulas, numbers and code. */
final class Prose {
    private Prose() {}

    /**
     * The words in a row, with a space between: what is letters alone but for punctuation around it and apostrophes or
     * dashes within. What stands between dollars, or fences of code, is left out.
     *
     * @param letters how many to take at most, a little more for the last word; an ideograph, a syllable of Hangul or kana
     *     counts two
     */
    static String of(String text, int letters) {
        StringBuilder words = new StringBuilder();
        int count = 0;
        for (int at = 0; at < text.length() && count < letters; ) {
            if (text.startsWith("```", at)) {
                at = after(text, "```", at + 3);
            } else if (text.charAt(at) == '$') {
                String closing = text.startsWith("$$", at) ? "$$" : "$";
                at = after(text, closing, at + closing.length());
            } else {
                int end = at;
                while (end < text.length() && !Character.isWhitespace(text.charAt(end)) && text.charAt(end) != '$') {
                    end++;
                }
                String word = word(text, at, end);
                if (!word.isEmpty()) {
                    words.append(words.isEmpty() ? "" : " ").append(word);
                    count += letters(word);
                }
                at = Math.max(end, at + 1);
            }
        }
        return words.toString();
    }

    /** Letters, where a character that stands for a syllable or a word counts two. */
    static int letters(String text) {
        int count = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (Character.isLetter(c)) {
                count += isWide(c) ? 2 : 1;
            }
        }
        return count;
    }

    private static boolean isWide(int c) {
        if (c < 0x1100) {
            return false;
        }
        return switch (Character.UnicodeScript.of(c)) {
            case HAN, HIRAGANA, KATAKANA, HANGUL -> true;
            default -> false;
        };
    }

    /** Where the closing mark ends; where there is none, right after the opening one, which then marks nothing. */
    private static int after(String text, String closing, int from) {
        int end = text.indexOf(closing, from);
        return end < 0 ? from : end + closing.length();
    }

    /** Without the punctuation around it; empty where what is left is no word. */
    private static String word(String text, int from, int to) {
        int start = from;
        int end = to;
        while (start < end && !isWordPart(text.charAt(start)) && "\\{}=+<>_^".indexOf(text.charAt(start)) < 0) {
            start++;
        }
        while (end > start && !isWordPart(text.charAt(end - 1)) && "\\{}=+<>_^(".indexOf(text.charAt(end - 1)) < 0) {
            end--;
        }
        boolean isWide = start < end && isWide(text.codePointAt(start));
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            // Scripts without spaces have their punctuation within.
            boolean within = c == '\''
                    || c == '-'
                    || c == '\u2019'
                    || c >= 0x3000
                    || (isWide && ",;:.!?()\"\u201C\u201D".indexOf(c) >= 0);
            if (!isWordPart(c) && !within) {
                return "";
            }
        }
        return text.substring(start, end);
    }

    private static boolean isWordPart(char c) {
        return Character.isLetter(c)
                || Character.isSurrogate(c)
                || Character.getType(c) == Character.NON_SPACING_MARK
                || Character.getType(c) == Character.COMBINING_SPACING_MARK
                || c == '\u200C'
                || c == '\u200D';
    }
}
