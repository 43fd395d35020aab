package dev.hone.datasets.verify;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What stands between marks, or behind them, as IFEval counts it; in time that grows with the text alone. */
final class MarkedText {
    private static final Pattern HIGHLIGHT = Pattern.compile("\\*([^\\n*]*)\\*");

    private static final Pattern BOLD = Pattern.compile("\\*\\*([^\\n*]*)\\*\\*");

    private static final Pattern STARRED = bullet("\\*[^*].*");

    private static final Pattern DASHED = bullet("-.*");

    private MarkedText() {}

    /** White space that a line begins with is matched whether a bullet follows or not, so that no line in it is tried again. */
    private static Pattern bullet(String bullet) {
        return Pattern.compile(
                "^[\\s\\x1C-\\x1F]*+(" + bullet + ")?",
                Pattern.MULTILINE | Pattern.UNIX_LINES | Pattern.UNICODE_CHARACTER_CLASS);
    }

    static int bullets(String text) {
        return Stream.of(STARRED, DASHED)
                .mapToInt(bullet -> (int) bullet.matcher(text)
                        .results()
                        .filter(found -> found.group(1) != null)
                        .count())
                .sum();
    }

    /** Those that hold anything but white space. */
    static int highlights(String text) {
        return Stream.of(HIGHLIGHT, BOLD)
                .mapToInt(marks -> (int) marks.matcher(text)
                        .results()
                        .filter(found -> !Prose.strip(found.group(1)).isEmpty())
                        .count())
                .sum();
    }

    /** Pairs of square brackets, each on one line. */
    static int placeholders(String text) {
        return Arrays.stream(text.split("\n")).mapToInt(MarkedText::bracketed).sum();
    }

    private static int bracketed(String line) {
        int count = 0;
        int close = -1;
        while (true) {
            int open = line.indexOf('[', close + 1);
            close = open < 0 ? -1 : line.indexOf(']', open);
            if (close < 0) {
                return count;
            }
            count++;
        }
    }

    /** Whether a line has double angular brackets, the first that open and the last that close, with a title in them. */
    static boolean hasTitle(String text) {
        return Arrays.stream(text.split("\n")).anyMatch(line -> {
            int open = line.indexOf("<<");
            int close = line.lastIndexOf(">>");
            return open >= 0 && close > open + 2 && holdsTitle(line, open + 2, close);
        });
    }

    private static boolean holdsTitle(String line, int from, int to) {
        int start = from;
        int end = to;
        while (start < end && line.charAt(start) == '<') {
            start++;
        }
        while (end > start && line.charAt(end - 1) == '>') {
            end--;
        }
        return !Prose.strip(line.substring(start, end)).isEmpty();
    }
}
