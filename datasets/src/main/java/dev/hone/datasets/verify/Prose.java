package dev.hone.datasets.verify;

import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Counts words, sentences and parts of ordinary text. */
final class Prose {
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{M}\\p{N}_]+");

    /** What stands apart from the words beside it. */
    private static final Pattern MARK = Pattern.compile(
            "[\\[\\](){}<>\"\u00ab\u00bb\u2018\u2019\u201c\u201d\u201e`;@#$%&?!*\u2012-\u2015]|--|\\.{2,}|[:,](?=\\D|$)");

    private static final Pattern INSIDE_CONTRACTION =
            Pattern.compile("(?i)(?<=\\bcan)(?=not\\b)|(?<=\\b(?:gim|lem))(?=me\\b)|(?<=\\b(?:gon|wan))(?=na\\b)"
                    + "|(?<=\\bgot)(?=ta\\b)|(?<=[^'\\s])(?=(?:'(?:[smd]|ll|re|ve)|n't)(?:\\s|$))");

    private Prose() {}

    /** Without the white space around it, in Unicode's sense and Python's. */
    static String strip(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && isSpace(text.charAt(from))) {
            from++;
        }
        while (to > from && isSpace(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
    }

    static int words(String text) {
        return count(WORD.matcher(text));
    }

    /** How many parts a separator makes; -1 where one between others is empty. */
    static int parts(String text, String separator) {
        String[] parts = text.split(separator, -1);
        int filled = (int) Arrays.stream(parts).filter(part -> !part.isBlank()).count();
        boolean emptyInside = Arrays.stream(parts, Math.min(1, parts.length), Math.max(1, parts.length - 1))
                .anyMatch(String::isBlank);
        return emptyInside ? -1 : filled;
    }

    /** Words in capital letters, told apart as the Penn Treebank's are: {@code DON'T} is two. */
    static int capitalWords(String text) {
        String apart =
                INSIDE_CONTRACTION.matcher(MARK.matcher(text).replaceAll(" ")).replaceAll(" ");
        return (int) Arrays.stream(apart.split("\\s+")).filter(Prose::isCapital).count();
    }

    /** Whether a text has letters that are capital, and none that are not. */
    static boolean isCapital(String text) {
        return text.equals(text.toUpperCase(Locale.ROOT)) && !text.equals(text.toLowerCase(Locale.ROOT));
    }

    static boolean isLowerCase(String text) {
        return text.equals(text.toLowerCase(Locale.ROOT)) && !text.equals(text.toUpperCase(Locale.ROOT));
    }

    private static int count(Matcher matcher) {
        int count = 0;
        while (matcher.find()) {
            count++;
        }
        return count;
    }
}
