package dev.hone.datasets.verify;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the final answer of a completion: what follows the last {@code Answer:} or {@code ####}, or is in {@code \boxed}. */
final class FinalAnswer {
    private static final Pattern MARK = Pattern.compile("(?i:\\banswer\\s*:)|####|\\\\boxed\\s*\\{");

    private FinalAnswer() {}

    /** The last answer given, empty where there is none. */
    static Optional<String> of(String completion) {
        Matcher marks = MARK.matcher(completion);
        int start = -1;
        boolean boxed = false;
        while (marks.find()) {
            start = marks.end();
            boxed = marks.group().startsWith("\\");
        }
        if (start < 0) {
            return Optional.empty();
        }
        String answer = boxed ? untilBrace(completion, start) : untilLineEnd(completion, start);
        return Optional.of(answer.strip()).filter(text -> !text.isEmpty());
    }

    private static String untilLineEnd(String text, int start) {
        String rest = text.substring(start).stripLeading();
        int end = rest.indexOf('\n');
        return end < 0 ? rest : rest.substring(0, end);
    }

    /** Up to the brace that closes the one before {@code start}; empty where none does. */
    private static String untilBrace(String text, int start) {
        int depth = 1;
        for (int i = start; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            if (depth == 0) {
                return text.substring(start, i);
            }
        }
        return "";
    }
}
