package dev.hone.datasets.procedural;

import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Answers to the code generators' prompts, found from the prompt alone. */
final class CodeOracles {
    static final Map<String, UnaryOperator<String>> BY_NAME = Map.of("string_program", CodeOracles::stringProgram);

    private CodeOracles() {}

    private static String stringProgram(String prompt) {
        String text = prompt.substring(1, prompt.indexOf('"', 1));
        Matcher call = Pattern.compile("\\.(\\w+)(?:\\(([^)]*)\\))?").matcher(prompt);
        while (call.find()) {
            text = switch (call.group(1)) {
                case "reverse" -> new StringBuilder(text).reverse().toString();
                case "upper" -> text.toUpperCase(Locale.ROOT);
                case "rotate" -> (text + text).substring(1, text.length() + 1);
                case "replace" ->
                    text.replace(call.group(2).substring(0, 1), call.group(2).substring(2));
                case "take" -> text.substring(0, Integer.parseInt(call.group(2)));
                case "drop" -> text.substring(Integer.parseInt(call.group(2)));
                default -> throw new AssertionError(call.group());
            };
        }
        return text;
    }
}
