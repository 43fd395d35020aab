package dev.hone.datasets.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the program in a completion. */
final class CodeText {
    private static final Pattern FENCE = Pattern.compile("(?m)^[ \\t]*```[ \\t]*([\\w+#-]*)[^\\n]*\\n");
    private static final Pattern FENCE_END = Pattern.compile("(?m)^[ \\t]*```[ \\t]*$");
    /** Where the continuation of a function has gone on to something else. */
    private static final Pattern BEYOND =
            Pattern.compile("(?m)^(?:```|if __name__|print\\(|assert |# |#$|class |<\\||\"\"\")|^def (\\w+)");

    private CodeText() {}

    /** The last fenced block that holds the needle, the last block where none does; empty where there are no fences. */
    static Optional<String> block(String completion, String needle) {
        List<String> blocks = new ArrayList<>();
        Matcher start = FENCE.matcher(completion);
        Matcher end = FENCE_END.matcher(completion);
        int from = 0;
        while (start.find(from)) {
            boolean closed = end.find(start.end());
            int close = closed ? end.start() : completion.length();
            blocks.add(completion.substring(start.end(), close));
            from = closed ? end.end() : completion.length();
        }
        for (int i = blocks.size() - 1; i >= 0; i--) {
            if (blocks.get(i).contains(needle)) {
                return Optional.of(blocks.get(i));
            }
        }
        return blocks.isEmpty() ? Optional.empty() : Optional.of(blocks.get(blocks.size() - 1));
    }

    /** The body of a function that the prompt began, without what a model writes after it. */
    static String body(String continuation) {
        Matcher beyond = BEYOND.matcher(continuation);
        while (beyond.find()) {
            String helper = beyond.group(1);
            boolean used =
                    helper != null && continuation.substring(0, beyond.start()).contains(helper + "(");
            if (!used) {
                return continuation.substring(0, beyond.start());
            }
        }
        return continuation;
    }
}
