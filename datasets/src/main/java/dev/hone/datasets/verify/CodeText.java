package dev.hone.datasets.verify;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Finds the program in a completion. */
final class CodeText {
    private static final Pattern FENCE = Pattern.compile("(?m)^([ \\t]*)(```+|~~~+)[ \\t]*([\\w+#-]*)[^`\\n]*\\n");
    /** Where the continuation of a function has gone on to something else. */
    private static final Pattern BEYOND =
            Pattern.compile("(?m)^(?:```|if __name__|print\\(|assert |# |#$|class |<\\||\"\"\")|^def (\\w+)");

    private static final Pattern TAG =
            Pattern.compile("(?m)^[ \\t]*(?:\\[/?(?:PYTHON|CODE|JAVA)]|</?(?:code|answer|python|java)>)[ \\t]*$");
    private static final Pattern BEGINS = Pattern.compile(
            "(?m)^(?:from \\w|import \\w|def \\w|async def |class \\w|@\\w|\"\"\"|[a-zA-Z_][\\w, ]* = |(?:if|for|while|with) .*:$)");
    /** A sentence where a statement should be. */
    private static final Pattern PROSE =
            Pattern.compile("(?m)^(?!True\\b|False\\b|None\\b)[A-Z][\\w'’]*,? (?:[a-z`][\\w'’`]*[ ,.:]|.*[a-z][.:]$)");

    private static final Pattern CODE_LINE =
            Pattern.compile("(?:(?:from|import|def|class) \\w.*|[ \\t#@].*|[a-zA-Z_]\\w* = .*|)");

    private static final Pattern DEFINED = Pattern.compile("(?m)^(?:async )?(?:def|class) (\\w+)");
    private static final Pattern IMPORTED = Pattern.compile("(?m)^(?:from|import) .*$");

    private record Block(String tag, String code) {
        boolean isIn(String... tags) {
            return Arrays.asList(tags).contains(tag.toLowerCase(Locale.ROOT));
        }
    }

    private CodeText() {}

    /**
     * The last fenced block that holds the needle, the last block where none does; those that say they are in the language
     * go before others. Empty where there are no fences.
     *
     * @param tags how fences name the language
     */
    static Optional<String> block(String completion, String needle, String... tags) {
        return last(own(completion, tags), needle);
    }

    /** As {@link #block}, with what it uses of the blocks before it: their imports, and functions it has not itself. */
    static Optional<String> withHelpers(String completion, String needle, String... tags) {
        List<String> blocks = own(completion, tags);
        return last(blocks, needle).map(code -> {
            String before = blocks.subList(0, blocks.lastIndexOf(code)).stream()
                    .filter(block -> !block.contains(needle) && isUsed(block, code))
                    .collect(Collectors.joining("\n"));
            return before.isEmpty() ? code : before + "\n" + code;
        });
    }

    private static boolean isUsed(String block, String by) {
        List<String> names =
                DEFINED.matcher(block).results().map(found -> found.group(1)).toList();
        boolean imports = names.isEmpty()
                && IMPORTED.matcher(block).find()
                && IMPORTED.matcher(block).replaceAll("").isBlank();
        return imports
                || names.stream()
                        .anyMatch(name -> Pattern.compile("\\b" + name + "\\b")
                                        .matcher(by)
                                        .find()
                                && !Pattern.compile("(?m)^(?:def|class) " + name + "\\b")
                                        .matcher(by)
                                        .find());
    }

    private static List<String> own(String completion, String... tags) {
        List<Block> blocks = blocks(completion.replace("\r\n", "\n"));
        List<Block> tagged = blocks.stream().filter(block -> block.isIn(tags)).toList();
        return (tagged.isEmpty() ? blocks : tagged).stream().map(Block::code).toList();
    }

    private static Optional<String> last(List<String> blocks, String needle) {
        for (int i = blocks.size() - 1; i >= 0; i--) {
            if (blocks.get(i).contains(needle)) {
                return Optional.of(blocks.get(i));
            }
        }
        return blocks.isEmpty() ? Optional.empty() : Optional.of(blocks.get(blocks.size() - 1));
    }

    private static List<Block> blocks(String completion) {
        List<Block> blocks = new ArrayList<>();
        Matcher start = FENCE.matcher(completion);
        int from = 0;
        while (start.find(from)) {
            String indent = start.group(1);
            String mark = start.group(2).substring(0, 3);
            // A fence that is indented further is in a comment; but some models indent it all the same.
            Matcher end = Pattern.compile("(?m)^[ \\t]{0," + indent.length() + "}" + mark + "+[ \\t]*$")
                    .matcher(completion);
            Matcher any = Pattern.compile("(?m)^[ \\t]*" + mark + "+[ \\t]*$").matcher(completion);
            boolean closed = end.find(start.end());
            Matcher close = closed ? end : any;
            closed |= any.find(start.end());
            int to = closed ? close.start() : completion.length();
            String code = completion.substring(start.end(), Math.max(start.end(), to));
            blocks.add(new Block(start.group(3), indent.isEmpty() ? code : code.replaceAll("(?m)^" + indent, "")));
            from = closed ? close.end() : completion.length();
        }
        return blocks;
    }

    /** A program without fences, without the prose before and after it. */
    static String unfenced(String completion) {
        String bare = TAG.matcher(completion).replaceAll("");
        Matcher begins = BEGINS.matcher(bare);
        if (!begins.find()) {
            return bare;
        }
        boolean proseBefore = PROSE.matcher(bare.substring(0, begins.start())).find();
        String code = proseBefore ? bare.substring(begins.start()) : bare;
        Matcher prose = PROSE.matcher(code);
        return prose.find() && !code.substring(0, prose.start()).contains("\"\"\"")
                ? code.substring(0, prose.start())
                : code;
    }

    /** What a prompt has before the function it begins, where all of that is code: imports and helpers. */
    static String preamble(String prompt, String function) {
        String before = prompt.substring(0, Math.max(0, prompt.indexOf("def " + function)));
        return before.lines().allMatch(line -> CODE_LINE.matcher(line).matches()) ? before : "";
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
