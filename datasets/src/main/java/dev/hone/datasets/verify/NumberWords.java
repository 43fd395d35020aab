package dev.hone.datasets.verify;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Numbers in English: {@code seven}, {@code two hundred and five}, {@code minus ten}, {@code two and a half}. */
final class NumberWords {
    private static final List<String> SMALL = List.of(
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen");
    private static final List<String> TENS =
            List.of("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety");
    private static final Map<String, Long> SCALES =
            Map.of("thousand", 1_000L, "million", 1_000_000L, "billion", 1_000_000_000L);
    private static final Map<String, Integer> PARTS = Map.ofEntries(
            Map.entry("half", 2),
            Map.entry("third", 3),
            Map.entry("quarter", 4),
            Map.entry("fourth", 4),
            Map.entry("fifth", 5),
            Map.entry("sixth", 6),
            Map.entry("seventh", 7),
            Map.entry("eighth", 8),
            Map.entry("ninth", 9),
            Map.entry("tenth", 10),
            Map.entry("twelfth", 12),
            Map.entry("hundredth", 100));
    private static final int MOST_WORDS = 16;

    private NumberWords() {}

    /** The number in digits, {@code 205} or {@code -5/2}, with one word after it left as it is; empty for no number. */
    static Optional<String> digits(String text) {
        if (text.length() > 200 || !text.matches("[A-Za-z][A-Za-z ,-]*%?")) {
            return Optional.empty();
        }
        List<String> words = Arrays.asList(
                text.toLowerCase(Locale.ROOT).replace(",", " ").strip().split("[ -]+"));
        if (words.size() > MOST_WORDS) {
            return Optional.empty();
        }
        if (words.size() > 1
                && words.get(1).equals("dozen")
                && (words.size() == 2 || words.get(0).equals("half"))) {
            return cardinal(words.subList(0, 1))
                    .or(() -> words.get(0).equals("a") ? Optional.of(Rational.of(1)) : Optional.empty())
                    .map(count -> write(count.times(Rational.of(12))));
        }
        if (words.equals(List.of("half", "a", "dozen"))) {
            return Optional.of("6");
        }
        if (words.size() == 3 && words.get(0).equals("half") && words.get(1).matches("an?")) {
            return Optional.of("1/2 " + words.get(2));
        }
        Optional<Rational> whole = number(words);
        if (whole.isPresent() || words.size() < 2) {
            return whole.map(NumberWords::write);
        }
        String last = text.substring(text.lastIndexOf(' ') + 1);
        return last.indexOf('-') >= 0
                ? Optional.empty()
                : number(words.subList(0, words.size() - 1)).map(value -> write(value) + " " + last);
    }

    private static String write(Rational value) {
        return value.isWhole() ? value.numerator().toString() : value.numerator() + "/" + value.denominator();
    }

    private static Optional<Rational> number(List<String> words) {
        String first = words.get(0);
        if ((first.equals("minus") || first.equals("negative")) && words.size() > 1) {
            return positive(words.subList(1, words.size())).map(Rational::negated);
        }
        return positive(words);
    }

    private static Optional<Rational> positive(List<String> words) {
        int and = words.lastIndexOf("and");
        if (and > 0 && and < words.size() - 1) {
            Optional<Rational> part = fraction(words.subList(and + 1, words.size()));
            if (part.isPresent()) {
                return cardinal(words.subList(0, and)).map(part.get()::plus);
            }
        }
        Optional<Rational> part = fraction(words);
        return part.isPresent() ? part : cardinal(words);
    }

    /** {@code half}, {@code a third}, {@code three quarters}; not the ordinal {@code twenty-third}. */
    private static Optional<Rational> fraction(List<String> words) {
        String last = words.get(words.size() - 1);
        boolean plural = last.endsWith("s") && !PARTS.containsKey(last);
        String name = last.equals("halves") ? "half" : plural ? last.substring(0, last.length() - 1) : last;
        Integer parts = PARTS.get(name);
        if (parts == null) {
            return Optional.empty();
        }
        List<String> before = words.subList(0, words.size() - 1);
        if (before.isEmpty()) {
            return name.equals("half") && !plural ? Optional.of(Rational.of(1, 2)) : Optional.empty();
        }
        boolean one = before.equals(List.of("a")) || before.equals(List.of("one"));
        if (one) {
            return Optional.of(Rational.of(1, parts));
        }
        return plural || last.equals("halves")
                ? cardinal(before).map(count -> count.times(Rational.of(1, parts)))
                : Optional.empty();
    }

    private static Optional<Rational> cardinal(List<String> words) {
        if (words.equals(List.of("zero"))) {
            return Optional.of(Rational.of(0));
        }
        long total = 0;
        long group = 0;
        long scale = Long.MAX_VALUE;
        boolean mayJoin = false;
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            int small = SMALL.indexOf(word);
            int tens = TENS.indexOf(word);
            boolean joined = mayJoin;
            mayJoin = false;
            if (small >= 1 && (small < 10 ? group % 10 == 0 && group % 100 != 10 : group % 100 == 0)) {
                group += small;
            } else if (tens >= 0 && group % 100 == 0) {
                group += 10L * (tens + 2);
            } else if (word.equals("a") && i == 0 && words.size() > 1) {
                group = 1;
            } else if (word.equals("hundred") && group > 0 && group < 100) {
                group *= 100;
                mayJoin = true;
            } else if (SCALES.containsKey(word) && group > 0 && SCALES.get(word) < scale) {
                scale = SCALES.get(word);
                total += group * scale;
                group = 0;
                mayJoin = true;
            } else if (!word.equals("and") || !joined || i == words.size() - 1) {
                return Optional.empty();
            }
        }
        return total + group > 0 && !words.equals(List.of("a"))
                ? Optional.of(Rational.of(total + group))
                : Optional.empty();
    }
}
