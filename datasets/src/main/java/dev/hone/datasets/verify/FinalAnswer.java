package dev.hone.datasets.verify;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the final answer of a completion. What a model thought between {@code <think>} and {@code </think>} is not its
 * answer. The last of {@code Answer:}, {@code ####}, {@code <answer>} and {@code \boxed} wins; {@code the answer is}
 * counts where there is none of them.
 */
final class FinalAnswer {
    private static final Pattern MARK = Pattern.compile(
            "(?i:\\b(?:answers?|ans)\\s*\\**\\s*:|\\bans\\.(?=\\s))|####|<answer>|\\\\f?boxed\\s*(?:\\{|(?<=\\s)(?=[^\\s{])|(?=\\d))");
    private static final Pattern SENTENCE = Pattern.compile(
            "(?i)\\banswers?\\**(?:[ \\t]+to[ \\t]+(?:the|this|your)[ \\t]+(?:question|problem))?[ \\t]*"
                    + "(?:(?:is|are|would be|must be|equals)\\b\\**[ \\t]*:?|=|\\**[ \\t]*\\R)");
    private static final String SPACE = "(?:[\\s$~]|\\\\(?:q?quad|[,;: !]))*";
    private static final Pattern CONNECTOR = Pattern.compile(SPACE + "(?:\\\\[)\\]])?" + SPACE
            + "(?:,|;|,?" + SPACE
            + "(?:\\b(?:and|or)\\b|\\\\(?:text|mbox|mathrm)\\s*\\{\\s*,?\\s*(?:and|or)\\s*})|\\\\l?(?:and|or)\\b)"
            + SPACE + "(?:\\\\[(\\[])?" + SPACE + "(?:[A-Za-z]\\s*=\\s*)?");
    /** What follows {@code ####} as a heading. */
    private static final Pattern HEADING = Pattern.compile("(?i)(?:the )?(?:final )?answer\\s*:?\\**");

    private static final String THOUGHT = "</think>";
    /** Where a model's turn ends: what follows is no part of its response. */
    private static final Pattern TURN_END =
            Pattern.compile("<(?:\\|(?:im_end|endoftext|eot_id|end)\\||/s|end_of_turn|｜end▁of▁sentence｜)>");

    private FinalAnswer() {}

    /**
     * An answer.
     *
     * @param whole whether marks at both ends say that all of it is meant; a line may go on in prose
     */
    record Found(String text, boolean whole) {}

    /** The last answer given, empty where there is none. */
    static Optional<String> of(String completion) {
        return found(completion).map(Found::text);
    }

    static Optional<Found> found(String completion) {
        String text = withoutThought(completion);
        Optional<Found> found = isMarked(text) ? marked(text) : said(text).map(answer -> new Found(answer, false));
        return found.map(answer -> new Found(withoutMarkup(answer.text()), answer.whole()))
                .filter(answer -> !answer.text().isEmpty());
    }

    /** Whether an answer is marked, perhaps an empty or unfinished one. */
    static boolean isMarked(String text) {
        return (text.contains("####") || text.contains("boxed") || text.contains("<answer>") || namesAnswer(text))
                && MARK.matcher(text).find();
    }

    /** Whether {@code ans} stands in a text, in any case: a look before slower patterns. */
    private static boolean namesAnswer(String text) {
        for (int i = 0; i + 2 < text.length(); i++) {
            if ((text.charAt(i + 1) | 32) == 'n' && text.regionMatches(true, i, "ans", 0, 3)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a text between two answers joins them. */
    static boolean isConnector(String between) {
        return CONNECTOR.matcher(between).matches();
    }

    /** What follows the thinking; nothing where it never ended. */
    static String withoutThought(String completion) {
        Matcher turn = TURN_END.matcher(completion);
        String response = turn.find() ? completion.substring(0, turn.start()) : completion;
        int end = response.lastIndexOf(THOUGHT);
        if (end >= 0) {
            return response.substring(end + THOUGHT.length());
        }
        return response.stripLeading().startsWith("<think>") ? "" : response;
    }

    private static Optional<Found> marked(String text) {
        Matcher marks = MARK.matcher(text);
        String answer = null;
        boolean whole = false;
        int end = -1;
        while (marks.find()) {
            String mark = marks.group();
            boolean box = mark.startsWith("\\");
            if (!box && marks.start() < end) {
                // "Answer:" written into a box.
                continue;
            }
            whole = box;
            if (mark.endsWith("{")) {
                int close = closingBrace(text, marks.end());
                String inside = close < 0 ? "" : text.substring(marks.end(), close);
                boolean goesOn = answer != null
                        && end >= 0
                        && end <= marks.start()
                        && marks.start() - end <= 60
                        && CONNECTOR.matcher(text.substring(end, marks.start())).matches();
                if (close >= 0 && inside.isBlank() && answer != null) {
                    // An empty box after an answer is talk of boxes.
                    continue;
                }
                answer = goesOn ? answer + ", " + inside : inside;
                end = close < 0 ? -1 : close + 1;
            } else if (box) {
                answer = text.substring(marks.end()).split("[\\s$]", 2)[0];
                end = -1;
            } else if (mark.equals("<answer>")) {
                int close = text.indexOf("</answer>", marks.end());
                answer = close < 0 ? "" : text.substring(marks.end(), close);
                end = -1;
            } else {
                answer = line(text, marks.end());
                if (HEADING.matcher(answer).matches()) {
                    answer = line(text, text.indexOf(answer, marks.end()) + answer.length());
                }
                end = -1;
            }
        }
        return answer == null ? Optional.empty() : Optional.of(new Found(answer, whole));
    }

    private static Optional<String> said(String text) {
        if (!namesAnswer(text)) {
            return Optional.empty();
        }
        Matcher sentences = SENTENCE.matcher(text);
        int start = -1;
        while (sentences.find()) {
            start = sentences.end();
        }
        return start < 0 ? Optional.empty() : Optional.of(line(text, start));
    }

    /** The rest of the line, or the next line that holds something. */
    private static String line(String text, int start) {
        int from = start;
        while (from < text.length() && (Character.isWhitespace(text.charAt(from)) || text.charAt(from) == '*')) {
            from++;
        }
        // A formula that is set apart may take several lines.
        int end = text.startsWith("\\[", from) ? text.indexOf("\\]", from) : -1;
        if (text.startsWith("$$", from)) {
            end = text.indexOf("$$", from + 2);
        }
        end = text.indexOf('\n', Math.max(from, end));
        return text.substring(from, end < 0 ? text.length() : end);
    }

    private static String withoutMarkup(String answer) {
        String bare = answer.strip();
        if (bare.endsWith("**.") && bare.indexOf("**") == bare.length() - 3) {
            bare = bare.substring(0, bare.length() - 1);
        }
        while (bare.endsWith("**") && bare.indexOf("**") == bare.length() - 2) {
            bare = bare.substring(0, bare.length() - 2).strip();
        }
        // The first star has gone with the mark.
        return bare.endsWith("*") && bare.matches("[^*]*[\\w.)$]\\*")
                ? bare.substring(0, bare.length() - 1).strip()
                : bare;
    }

    /** Where the brace opened before {@code start} closes; -1 where it does not. */
    private static int closingBrace(String text, int start) {
        int depth = 1;
        for (int i = start; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
                continue;
            }
            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        return -1;
    }
}
