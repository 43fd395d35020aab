package dev.hone.datasets.verify;

import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/** Whole numbers below a hundred in English: {@code seven}, {@code twenty-five}. */
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

    private NumberWords() {}

    static OptionalInt parse(String text) {
        String[] words = text.toLowerCase(Locale.ROOT).split("[ -]", -1);
        int tens = TENS.indexOf(words[0]);
        int ones = SMALL.indexOf(words[words.length - 1]);
        if (words.length == 1) {
            return tens >= 0 ? OptionalInt.of(10 * (tens + 2)) : ones >= 0 ? OptionalInt.of(ones) : OptionalInt.empty();
        }
        return words.length == 2 && tens >= 0 && ones >= 1 && ones <= 9
                ? OptionalInt.of(10 * (tens + 2) + ones)
                : OptionalInt.empty();
    }
}
