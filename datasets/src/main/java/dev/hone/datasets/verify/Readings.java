package dev.hone.datasets.verify;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a normalized text may mean beside what it says letter by letter: a comma between thousands, elements or decimals,
 * {@code C(4,2)} a binomial or a point, {@code (C) 12} a choice with its value.
 */
final class Readings {
    private static final Pattern THOUSANDS = Pattern.compile("(?<![\\d.,])(?:[1-9]\\d{0,2}(?:,\\d{3})+"
            + "|[1-9]\\d?(?:,\\d{2})+,\\d{3}|[1-9]\\d{0,2}(?: \\d{3})+)(?!\\d|,\\d| ?/)");
    private static final Pattern MIXED =
            Pattern.compile("(-?\\d+) (?:⟦and⟧|and) (\\d+ ?/ ?\\d+|\\\\frac ?(?:\\{\\d+}|\\d) ?(?:\\{\\d+}|\\d))");
    private static final Pattern TWO_UNITS = Pattern.compile(
            "(\\d{1,9}) ?⟦? ?([A-Za-z]+)(?:,| ?⟧)? ?(?:⟦ ?)?(?:and )?(?:⟧ ?)?(\\d{1,9}(?:\\.\\d{1,9})?) ?⟦? ?([A-Za-z]+) ?⟧?");
    private static final Pattern RATIO = Pattern.compile("(\\d+) ?⟦? ?to ?⟧? ?(\\d+)");
    private static final Pattern DECIMAL_COMMA = Pattern.compile(
            "([-+]?[¤£€¥₹]? ?)(\\d+)(?:,|\\{,})(\\d{1,2}|\\d{4,}|(?<=(?<!\\d)0(?:,|\\{,}))\\d{3})((?: ?[€£%°]| ?[⟦A-Za-z].*)?)");
    private static final String ARGUMENT = "(?:\\{ ?(\\w+) ?}|(\\w))";
    private static final Pattern CHOICES = Pattern.compile(
            "(?<![\\w\\\\])(?:n?([CP])r?|⟦([CP])⟧) ?\\( ?(\\w+(?: ?[+-] ?\\d+)?) ?, ?(\\w+(?: ?[+-] ?\\d+)?) ?\\)");
    private static final Pattern INFIX_CHOICES = Pattern.compile("(?<![\\w.])(\\d{1,4}) ?([CP]) ?(\\d{1,4})(?![\\w.])");
    private static final Pattern INDEXED_CHOICES = Pattern.compile("(?<![\\w}])⟦?([CPA])⟧? ?(?:_ ?" + ARGUMENT
            + " ?\\^ ?" + ARGUMENT + "|\\^ ?" + ARGUMENT + " ?_ ?" + ARGUMENT + ")");
    private static final Pattern LETTERED = Pattern.compile(
            "(?:[A-Z]'?|⟦[A-Za-z ]+⟧|(?i:the |at )*(?i:point|pair|vector)(?: [A-Z])?) ?=? ?(?=\\(.*,.*\\)$)");
    /** {@code P(X > 2) =}, {@code \Pr(A) =}, {@code E[X] =}, {@code \\max f =}. */
    private static final Pattern CALLED = Pattern.compile(
            "(?:(?:P|E|⟦?(?:Pr|Prob|Var|Cov)⟧?|\\\\(?:Pr|Var|Cov)|\\{?[PE]}?) ?(?:[(\\[][^()\\[\\]=]*[)\\]])?"
                    + "|\\\\(?:max|min|sup|inf)(?![A-Za-z])[^=<>≤≥≈,]*) ?= ?");
    /** {@code \text{all integers } n \ge 3}. */
    private static final Pattern ALL =
            Pattern.compile("⟦? ?(?:for )?(?:all|any|every)(?: (?:positive|natural|real|whole))*"
                    + "(?: (?:integers?|numbers?|reals?|values? of))? ?⟧? ?(?=[a-z] ?[<>≤≥≠=])");

    private static final Pattern DEGREES_IN_FORMULA =
            Pattern.compile("° ?[-+]|[A-Za-z}] ?[-+] ?\\d+ ?°|° ?\\*? ?\\\\?[a-z]+ ?\\}");
    private static final Pattern ROWS =
            Pattern.compile("\\[([^\\[\\]();]*[ ,][^\\[\\]();]*(?:;[^\\[\\]();]*[ ,][^\\[\\]();]*)+)]");
    private static final Pattern CHOICE_AND_VALUE =
            Pattern.compile("(\\([A-J]\\)|⟦\\([A-J]\\) ?⟧|[A-J][).:](?= )) ?(\\S.*)");
    private static final Pattern BASED =
            Pattern.compile("(?=[0-9]*[A-Z])([0-9A-Z]{1,100}+) ?_ ?\\{ ?(1[1-9]|2\\d|3[0-6]) ?}");

    /** {@code 1 2 3}. */
    private static final Pattern SPACED = Pattern.compile("[-+]?\\d+(?:\\.\\d+)?(?: [-+]?\\d+(?:\\.\\d+)?)+");
    /** {@code L: y = 2x}, {@code f: x → x^2}. */
    private static final Pattern TITLED = Pattern.compile("[A-Za-z](?:_\\w)? ?: ?(?=[^:]*[=→][^:]*$)");
    /** {@code \\text{Option B}}, {@code (\\text{B})}. */
    private static final Pattern CHOSEN =
            Pattern.compile("(?:⟦?(?i:(?:the )?(?:option|choice|answer)) ?⟧? ?\\(?|\\( ?⟦)([A-J])(?:⟧ ?)?\\)?⟧?");

    private Readings() {}

    /**
     * The likelier first.
     *
     * @param isKey whether {@code 1,2} is surely a list and no decimal
     */
    static List<String> of(String answer, boolean isKey) {
        if (answer.length() > MathParser.MAX_LENGTH) {
            return List.of(answer.strip());
        }
        String text = MathText.normalize(answer);
        if (MathText.isPlain(text)) {
            return List.of(text);
        }
        String joined =
                THOUSANDS.matcher(text).replaceAll(number -> number.group().replaceAll("[ ,]", ""));
        Set<String> readings = new LinkedHashSet<>(List.of(joined));
        boolean collection = text.indexOf('(') >= 0 || text.indexOf('[') >= 0 || text.indexOf('{') >= 0;
        if (collection) {
            readings.add(text);
        }
        Matcher mixed = MIXED.matcher(joined);
        if (mixed.matches()) {
            readings.add(mixed.group(1) + " " + mixed.group(2));
        }
        Matcher ratio = RATIO.matcher(joined);
        if (ratio.matches()) {
            readings.add(ratio.group(1) + ":" + ratio.group(2));
        }
        addInLargerUnit(joined, readings);
        Matcher comma = DECIMAL_COMMA.matcher(text);
        if (comma.matches() && !(isKey && isList(comma))) {
            readings.add(comma.replaceFirst("$1$2.$3$4"));
        }
        if (joined.contains("\\nullhat")) {
            // A bold zero may be a number in bold.
            readings.add(joined.replace("\\nullhat", "0"));
        }
        addChoices(joined, readings);
        Matcher all = ALL.matcher(joined);
        if (all.lookingAt()) {
            readings.add(joined.substring(all.end()));
        }
        if (DEGREES_IN_FORMULA.matcher(joined).find()) {
            readings.add(joined.replace("°", ""));
            readings.add(joined.replaceAll("(\\d+(?:\\.\\d+)?) ?°", "$1*\\\\pi/180 "));
        }
        Matcher called = CALLED.matcher(joined);
        if (called.lookingAt()) {
            readings.add(joined.substring(called.end()));
        }
        Matcher semicolons = ROWS.matcher(joined);
        if (semicolons.matches()) {
            readings.add(rows(semicolons.group(1)));
        }
        Matcher titled = TITLED.matcher(joined);
        if (titled.lookingAt()) {
            readings.add(joined.substring(titled.end()));
        }
        if (SPACED.matcher(text).matches()) {
            readings.add(text.replace(" ", ", "));
        }
        Matcher chosen = CHOSEN.matcher(joined);
        if (chosen.matches()) {
            readings.add("(" + chosen.group(1) + ")");
        }
        Matcher lettered = LETTERED.matcher(joined);
        if (lettered.lookingAt()) {
            readings.add(joined.substring(lettered.end()));
        }
        Matcher choice = CHOICE_AND_VALUE.matcher(joined);
        if (choice.matches()) {
            readings.add("(" + choice.group(1).replaceAll("[^A-J]", "") + ")");
            readings.add(choice.group(2));
        }
        Matcher based = BASED.matcher(joined);
        if (based.matches()) {
            addInTen(based, readings);
        }
        return new ArrayList<>(readings);
    }

    /** {@code 2 hours 15 minutes} as 9/4 hours: who asks for hours gives no unit in the key. */
    private static void addInLargerUnit(String text, Set<String> readings) {
        Matcher units = TWO_UNITS.matcher(text);
        if (!units.matches()) {
            return;
        }
        Unit larger = Unit.parse(units.group(2)).orElse(Unit.NONE);
        Unit smaller = Unit.parse(units.group(4)).orElse(Unit.NONE);
        Rational rest = Rational.of(units.group(3)).times(smaller.factor());
        if (larger.isKnown() && larger.dimension().equals(smaller.dimension()) && rest.compareTo(larger.factor()) < 0) {
            Rational sum =
                    Rational.of(units.group(1)).plus(rest.times(larger.factor().inverse()));
            readings.add(sum.numerator() + "/" + sum.denominator() + " " + units.group(2));
        }
    }

    /** As a key, {@code 1,2} without money, a zero before it or two digits after it. */
    private static boolean isList(Matcher comma) {
        boolean money = !comma.group(1).isBlank() && "+-".indexOf(comma.group(1).charAt(0)) < 0
                || !comma.group(4).isBlank();
        return !money && !comma.group(2).equals("0") && comma.group(3).length() < 2;
    }

    /** Combinations and permutations in all their notations. */
    private static void addChoices(String text, Set<String> readings) {
        if (text.indexOf('C') < 0 && text.indexOf('P') < 0 && text.indexOf('A') < 0) {
            return;
        }
        String read = CHOICES.matcher(text).replaceAll(found -> {
            String letter = found.group(1) == null ? found.group(2) : found.group(1);
            return choices(letter, found.group(3), found.group(4));
        });
        read = INFIX_CHOICES.matcher(read).replaceAll(found -> choices(found.group(2), found.group(1), found.group(3)));
        read = INDEXED_CHOICES.matcher(read).replaceAll(Readings::indexed);
        if (!read.equals(text)) {
            readings.add(read);
        }
    }

    private static String indexed(MatchResult found) {
        String below = first(found, 2, 3, 8, 9);
        String above = first(found, 4, 5, 6, 7);
        boolean numbers = below.matches("\\d{1,4}") && above.matches("\\d{1,4}");
        boolean letters =
                below.equals("n") && above.matches("[kmr]|\\d{1,4}") || below.equals("2n") && above.equals("n");
        if (!letters && !(numbers && Integer.parseInt(below) >= Integer.parseInt(above))) {
            return Matcher.quoteReplacement(found.group());
        }
        return choices(found.group(1), below, above);
    }

    private static String first(MatchResult found, int... groups) {
        for (int group : groups) {
            if (found.group(group) != null) {
                return found.group(group);
            }
        }
        return "";
    }

    private static String choices(String letter, String n, String k) {
        return Matcher.quoteReplacement(
                letter.equals("C")
                        ? "\\binom{" + n + "}{" + k + "}"
                        : "\\frac{(" + n + ")!}{(" + n + "-(" + k + "))!}");
    }

    /** {@code 1 2; 3 4} as {@code [[1,2],[3,4]]}. */
    private static String rows(String content) {
        StringBuilder rows = new StringBuilder("[");
        for (String row : content.split(";")) {
            String cells = row.indexOf(',') >= 0 ? row.strip() : row.strip().replaceAll(" +", ",");
            rows.append(rows.length() > 1 ? "," : "").append('[').append(cells).append(']');
        }
        return rows.append(']').toString();
    }

    /** {@code 1A_{16}} as 26. */
    private static void addInTen(Matcher based, Set<String> readings) {
        try {
            readings.add(new java.math.BigInteger(based.group(1), Integer.parseInt(based.group(2))).toString());
        } catch (NumberFormatException digitsOfAnotherBase) {
            return;
        }
    }
}
