package dev.hone.datasets.procedural;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Tasks on texts, each by another way than its generator's. */
final class StringOracles {
    static final Map<String, UnaryOperator<String>> BY_NAME = Map.of(
            "caesar_shift", StringOracles::caesarShift,
            "run_length", StringOracles::runLength,
            "bracket_match", StringOracles::bracketMatch,
            "edit_distance", StringOracles::editDistance,
            "letter_count", StringOracles::letterCount,
            "roman_numeral", StringOracles::romanNumeral);

    private static final String ALPHABETS = "abcdefghijklmnopqrstuvwxyz".repeat(3);

    private StringOracles() {}

    private static List<String> quoted(String prompt) {
        return Pattern.compile("\"([^\"]*)\"")
                .matcher(prompt)
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    private static String caesarShift(String prompt) {
        int shift = Oracles.naturals(prompt).get(0) * (prompt.contains(" back ") ? -1 : 1);
        return quoted(prompt)
                .get(0)
                .chars()
                .mapToObj(c -> ALPHABETS.substring(c - 'a' + 26 + shift, c - 'a' + 27 + shift))
                .collect(Collectors.joining());
    }

    private static String runLength(String prompt) {
        return Pattern.compile("(.)\\1*")
                .matcher(quoted(prompt).get(0))
                .replaceAll(run -> run.group().length() + run.group(1));
    }

    /** Takes innermost pairs away until the one asked for is innermost. */
    private static String bracketMatch(String prompt) {
        Matcher brackets = Pattern.compile("[()]{4,}").matcher(prompt);
        if (!brackets.find()) {
            throw new AssertionError(prompt);
        }
        char[] text = brackets.group().toCharArray();
        int start = Oracles.naturals(prompt).get(0) - 1;
        while (true) {
            Matcher pair = Pattern.compile("\\( *\\)").matcher(String.valueOf(text));
            if (!pair.find()) {
                throw new AssertionError(prompt);
            }
            if (pair.start() == start) {
                return Integer.toString(pair.end());
            }
            text[pair.start()] = ' ';
            text[pair.end() - 1] = ' ';
        }
    }

    /** All texts so many edits away, a ring at a time; those longer than both are no shortcut. */
    private static String editDistance(String prompt) {
        List<String> words = quoted(prompt);
        String goal = words.get(1);
        Set<String> seen = new HashSet<>(Set.of(words.get(0)));
        Set<String> ring = seen;
        int distance = 0;
        while (!ring.contains(goal)) {
            Set<String> next = new HashSet<>();
            for (String text : ring) {
                for (int i = 0; i <= text.length(); i++) {
                    if (i < text.length()) {
                        next.add(text.substring(0, i) + text.substring(i + 1));
                    }
                    // An edit is worth making only where it makes a place like the goal's.
                    if (i < goal.length()) {
                        String before = text.substring(0, i) + goal.charAt(i);
                        if (text.length() < goal.length()) {
                            next.add(before + text.substring(i));
                        }
                        if (i < text.length()) {
                            next.add(before + text.substring(i + 1));
                        }
                    }
                }
            }
            next.removeAll(seen);
            seen = new HashSet<>(seen);
            seen.addAll(next);
            ring = next;
            distance++;
        }
        return Integer.toString(distance);
    }

    private static String letterCount(String prompt) {
        List<String> quoted = quoted(prompt);
        String word = quoted.get(1);
        return Integer.toString(word.length() - word.replace(quoted.get(0), "").length());
    }

    /** Spells every number by its decimal digits and looks the wanted one up. */
    private static String romanNumeral(String prompt) {
        Map<Integer, String> numerals = new TreeMap<>();
        String[] ones = {"", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"};
        for (int n = 1; n < 4000; n++) {
            String hundreds =
                    ones[n / 100 % 10].replace('X', 'M').replace('V', 'D').replace('I', 'C');
            String tens = ones[n / 10 % 10].replace('X', 'C').replace('V', 'L').replace('I', 'X');
            numerals.put(n, "M".repeat(n / 1000) + hundreds + tens + ones[n % 10]);
        }
        return numerals.getOrDefault(Oracles.naturals(prompt).get(0), "none");
    }
}
