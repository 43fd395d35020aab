package dev.hone.datasets.sources;

import dev.hone.datasets.pairs.MalformedPair;
import dev.hone.datasets.pairs.MalformedPair.Kind;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds the answer key in a worked solution. */
final class AnswerKey {
    private static final Pattern BOXED = Pattern.compile("\\\\f?boxed\\s*\\{");
    private static final Pattern MARK = Pattern.compile("####|(?i:\\banswer\\s*:)");

    private AnswerKey() {}

    /** @throws MalformedPair where nothing follows the mark */
    static String after(String mark, String text, String field) {
        int at = text.lastIndexOf(mark);
        String key = at < 0 ? "" : text.substring(at + mark.length()).strip();
        if (key.isEmpty()) {
            throw new MalformedPair(
                    Kind.MISSING,
                    "no answer after \"%s\" in field \"%s\"; add it, or change the recipe's answer_after"
                            .formatted(mark, field));
        }
        return key;
    }

    /** What the last {@code \boxed{...}} holds; null where there is none, or its brace is never closed. */
    static @Nullable String boxed(String text) {
        Matcher boxes = BOXED.matcher(text);
        int start = -1;
        while (boxes.find()) {
            start = boxes.end();
        }
        int depth = start < 0 ? 0 : 1;
        for (int i = Math.max(0, start); i < text.length() && depth > 0; i++) {
            depth += text.charAt(i) == '{' ? 1 : text.charAt(i) == '}' ? -1 : 0;
            if (depth == 0) {
                String key = text.substring(start, i).strip();
                return key.isEmpty() ? null : key;
            }
        }
        return null;
    }

    /** The final answer a response marks, by {@code \boxed}, {@code ####} or {@code Answer:}, or else all of it. */
    static String of(String response) {
        String boxed = boxed(response);
        if (boxed != null) {
            return boxed;
        }
        Matcher marks = MARK.matcher(response);
        int start = -1;
        while (marks.find()) {
            start = marks.end();
        }
        String marked = start < 0
                ? ""
                : response.substring(start)
                        .strip()
                        .lines()
                        .findFirst()
                        .orElse("")
                        .strip();
        return marked.isEmpty() ? response.strip() : marked;
    }
}
