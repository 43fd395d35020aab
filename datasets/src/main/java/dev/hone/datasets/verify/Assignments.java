package dev.hone.datasets.verify;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads which variable has which value, in whatever order and words: {@code A knight, B knave}, {@code "A": "knight"},
 * {@code A and B are knights}, {@code Knights: A, B}, {@code A is not a knave}, {@code Anna sits in seat 2}.
 */
final class Assignments {
    /** Letters that are looked at, from the end: an assignment is short. */
    private static final int MOST = 8000;

    private static final int MOST_LINES = 60;

    private static final List<String> ORDINALS = List.of(
            "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth");

    /** Up to six words or marks of one line that deny nothing. */
    private static final String BETWEEN =
            "(?:[ \\t\"'*`_:=|(\\u2192>-]*(?!(?i:not|no|nor|neither|cannot|never|if|than|or|and|but|either|was|before|after|left|right|next|since|because|so|then|holds|when|while|who|says|said)\\b)"
                    + "(?:\\p{L}+(?![\\p{L}'’]))?){0,6}?[ \\t\"'*`_:=|(\\u2192>#-]*";

    private static final Pattern EITHER = Pattern.compile("[\"'*`]*\\s*(?:or\\b|/)");
    private static final String WORD_ENDS = "(?![\\p{L}\\p{N}_])";
    private static final String WORD_BEGINS = "(?<![\\p{L}\\p{N}_])";

    private final Map<String, List<String>> variables;
    private final String names;

    Assignments(Map<String, List<String>> variables) {
        this.variables = variables;
        this.names = variables.keySet().stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .map(Assignments::written)
                .collect(Collectors.joining("|", "(?:", ")"));
    }

    /** A name of one letter is not any small letter. */
    private static String written(String name) {
        return name.length() > 1 ? "(?i:" + Pattern.quote(name) + ")" : Pattern.quote(name);
    }

    /** Each variable's value, empty for one that is given two; variables without one are not in it. */
    Map<String, String> in(String response) {
        String text = response.substring(Math.max(0, response.length() - MOST));
        Map<String, String> found = new HashMap<>();
        variables.forEach((name, values) -> read(text, name, values, found));
        if (found.keySet().containsAll(variables.keySet())) {
            return found;
        }
        Map<String, String> reversed = new HashMap<>();
        variables.forEach((name, values) -> readReversed(text, values, reversed));
        return reversed.keySet().containsAll(variables.keySet()) ? reversed : found;
    }

    /** The shortest end of a text, in lines, that gives every variable a value; all of it where none does. */
    String end(String text) {
        int start = text.length();
        for (int lines = 0; lines < MOST_LINES && start > 0; lines++) {
            start = Math.max(0, text.lastIndexOf('\n', start - 1));
            String end = text.substring(start);
            if (in(end).keySet().containsAll(variables.keySet())) {
                return end;
            }
        }
        return text;
    }

    private void read(String text, String name, List<String> values, Map<String, String> found) {
        String value = values.stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .map(Assignments::spelt)
                .collect(Collectors.joining("|", "((?i:", "))(?i:s)?"));
        // Names listed before a value share it.
        Matcher given = Pattern.compile(WORD_BEGINS + written(name) + WORD_ENDS
                        + "(?:[\"'*`]*(?:,|\\s+and|,\\s*and|\\s*&)\\s+(?:both\\s+)?" + names + WORD_ENDS + "){0,12}?"
                        + "(?:(?<shared>[\"'*`]*\\s+(?:are|were|must be|have to be)\\s+(?:both\\s+|all\\s+)?)|"
                        + "(?<not>[\"'*`]*\\s*(?:is not|isn['’]t|cannot be|can['’]t be)\\s+(?:an?\\s+|the\\s+)?)|"
                        + BETWEEN + ")"
                        + "[\"'*`]*" + value + WORD_ENDS)
                .matcher(text);
        while (given.find()) {
            boolean alone = given.group().matches("(?s)" + written(name) + WORD_ENDS + ".*")
                    && !Pattern.compile(WORD_BEGINS + names + WORD_ENDS)
                            .matcher(given.group().substring(name.length()))
                            .find();
            if (!alone && given.group("shared") == null) {
                // Another name stands between.
                given.region(given.start() + name.length(), text.length());
                continue;
            }
            boolean either =
                    EITHER.matcher(text).region(given.end(), text.length()).lookingAt();
            String said = canonical(given.group(given.groupCount()), values);
            boolean denied = given.group("not") != null;
            String meant = denied ? other(said, values) : said;
            if (denied && values.size() != 2) {
                continue;
            }
            found.merge(name, either ? "" : meant, (before, after) -> before.equals(after) ? before : "");
        }
    }

    private static String other(String value, List<String> values) {
        return values.get(values.indexOf(value) == 0 ? values.size() - 1 : 0);
    }

    /** The value first, {@code Knights: A, B} or {@code 1. Anna}. */
    private void readReversed(String text, List<String> values, Map<String, String> found) {
        for (String value : values) {
            Matcher listed = Pattern.compile(WORD_BEGINS + "(?:(?i:" + spelt(value) + ")(?i:s)?)" + WORD_ENDS
                            + "[\"'*`|]*\\s*(?:[.:)=|\\u2192–-]+|\\bis\\b|\\bare\\b)[\"'*`|\\s]*(" + names + WORD_ENDS
                            + "(?:[\"'*`]*(?:,|\\s+and|,\\s*and|\\s*&)\\s+[\"'*`]*"
                            + names + WORD_ENDS + "){0,12})")
                    .matcher(text);
            while (listed.find()) {
                variables.forEach((name, own) -> {
                    boolean named = own.contains(value)
                            && Pattern.compile(WORD_BEGINS + written(name) + WORD_ENDS)
                                    .matcher(listed.group(1))
                                    .find();
                    if (named) {
                        found.merge(name, value, (before, after) -> before.equals(after) ? before : "");
                    }
                });
            }
        }
    }

    private static String spelt(String value) {
        boolean ordinal = value.matches("\\d|10");
        int number = ordinal ? Integer.parseInt(value) : 0;
        return ordinal ? value + "(?:st|nd|rd|th)?|" + ORDINALS.get(number) : Pattern.quote(value);
    }

    private static String canonical(String written, List<String> values) {
        return values.stream()
                .filter(value -> written.toLowerCase(Locale.ROOT).matches("(?i:" + spelt(value) + ")"))
                .findFirst()
                .orElse(written);
    }
}
