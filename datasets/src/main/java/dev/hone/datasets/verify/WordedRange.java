package dev.hone.datasets.verify;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * From one number to another: {@code 3 to 5}, {@code 3-5}, {@code between 3 and 5}.
 *
 * @param worded whether it can only be meant so; {@code 3-5} may be a difference
 */
record WordedRange(String low, String high, boolean worded) {
    private static final String END = "(-?¤?[\\d.,]+%?°?)";
    private static final Pattern WORDED = Pattern.compile(
            "(?:(?:from )?" + END + " (?:to|through|until) " + END + "|between " + END + " and " + END + ")(.*)");
    private static final Pattern DASHED = Pattern.compile(END + " ?- ?" + END + "(.*)");
    private static final Pattern UNIT = Pattern.compile(" ?[A-Za-z %°]*");

    static Optional<WordedRange> parse(String text) {
        String plain = MathText.words(text);
        Matcher worded = WORDED.matcher(plain);
        if (worded.matches() && UNIT.matcher(worded.group(5)).matches()) {
            boolean between = worded.group(1) == null;
            return Optional.of(new WordedRange(
                    worded.group(between ? 3 : 1), worded.group(between ? 4 : 2) + worded.group(5), true));
        }
        Matcher dashed = DASHED.matcher(plain);
        return dashed.matches() && UNIT.matcher(dashed.group(3)).matches()
                ? Optional.of(new WordedRange(dashed.group(1), dashed.group(2) + dashed.group(3), false))
                : Optional.empty();
    }
}
