package dev.hone.datasets.procedural;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Answers to the code generators' prompts, found from the prompt alone. */
final class CodeOracles {
    static final Map<String, UnaryOperator<String>> BY_NAME = Map.of(
            "string_program", CodeOracles::stringProgram,
            "stack_machine", CodeOracles::stackMachine,
            "loop_program", CodeOracles::loopProgram,
            "bitwise", CodeOracles::bitwise,
            "list_comprehension", CodeOracles::listComprehension);

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

    /** Reads the program backwards, as nested operations. */
    private static String stackMachine(String prompt) {
        ArrayDeque<String> tokens = new ArrayDeque<>(
                List.of(Oracles.between(prompt, "runs ", ". What").split(" ")));
        long result = operand(tokens);
        if (!tokens.isEmpty()) {
            throw new AssertionError(prompt);
        }
        return Long.toString(result);
    }

    private static long operand(ArrayDeque<String> tokens) {
        String token = tokens.removeLast();
        if (Character.isDigit(token.charAt(0))) {
            return Long.parseLong(token);
        }
        long right = operand(tokens);
        long left = operand(tokens);
        return token.equals("+") ? left + right : token.equals("-") ? left - right : left * right;
    }

    /** Runs the program line by line. */
    private static String loopProgram(String prompt) {
        Map<String, Long> variables = new HashMap<>();
        List<String> lines = prompt.strip().lines().skip(1).toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.startsWith("for")) {
                int end = i + 1;
                while (lines.get(end).startsWith("    ")) {
                    end++;
                }
                for (long round = 0; round < Oracles.naturals(line).get(0); round++) {
                    variables.put("i", round);
                    body(lines.subList(i + 1, end), variables);
                }
                i = end - 1;
            } else if (line.startsWith("print")) {
                return Long.toString(value("a", variables) + value("b", variables));
            } else {
                body(List.of(line), variables);
            }
        }
        throw new AssertionError(prompt);
    }

    private static void body(List<String> lines, Map<String, Long> variables) {
        boolean skipped = false;
        for (String line : lines) {
            String[] words = line.strip().split(" ");
            if (words[0].equals("if")) {
                skipped = value("i", variables) % 2 != 0;
                continue;
            }
            if (!(skipped && line.startsWith("        "))) {
                long value = value(words[2], variables);
                if (words.length > 3) {
                    long operand = value(words[4], variables);
                    value = words[3].equals("+")
                            ? value + operand
                            : words[3].equals("-") ? value - operand : value * operand;
                }
                variables.put(words[0], value);
            }
            skipped = false;
        }
    }

    private static long value(String word, Map<String, Long> variables) {
        return variables.containsKey(word) ? variables.getOrDefault(word, 0L) : Long.parseLong(word);
    }

    /** Bit by bit. */
    private static String bitwise(String prompt) {
        List<Integer> numbers = Oracles.naturals(prompt);
        Matcher operator = Pattern.compile("[&|^]").matcher(prompt);
        int value = numbers.get(0);
        for (int i = 1; operator.find(); i++) {
            int result = 0;
            for (int bit = 0; bit < 10; bit++) {
                int both = (value >> bit) % 2 + (numbers.get(i) >> bit) % 2;
                boolean set = operator.group().equals("&")
                        ? both == 2
                        : operator.group().equals("|") ? both > 0 : both == 1;
                result += set ? (int) Math.pow(2, bit) : 0;
            }
            value = result;
        }
        return Integer.toString(value);
    }

    private static String listComprehension(String prompt) {
        Matcher parts = Pattern.compile(
                        "sum\\(\\[(\\w+) \\* x ([+-]) (\\d+) for x in \\[([^]]*)](?: if x % (\\d+) == (\\d+))?]\\)")
                .matcher(prompt);
        if (!parts.find()) {
            throw new AssertionError(prompt);
        }
        int offset = Integer.parseInt(parts.group(2) + parts.group(3));
        IntStream numbers = Oracles.naturals(parts.group(4)).stream().mapToInt(Integer::intValue);
        if (parts.group(5) != null) {
            int divisor = Integer.parseInt(parts.group(5));
            int remainder = Integer.parseInt(parts.group(6));
            numbers = numbers.filter(x -> (x - remainder) % divisor == 0);
        }
        String factor = parts.group(1);
        return Integer.toString(numbers.map(x -> (factor.equals("x") ? x : Integer.parseInt(factor)) * x + offset)
                .sum());
    }
}
