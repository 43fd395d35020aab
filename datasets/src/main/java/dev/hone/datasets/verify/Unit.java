package dev.hone.datasets.verify;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a number counts or measures.
 *
 * @param factor how many base units it is
 * @param dimension base units with their powers, such as {@code m^2} or {@code m s^-1}; empty where the words are none
 *     that are known, {@code %} and {@code °} for percent and degrees
 */
record Unit(Rational factor, String dimension) {
    static final Unit NONE = new Unit(Rational.of(1), "");
    static final Unit PERCENT = new Unit(Rational.of(1), "%");
    static final Unit DEGREE = new Unit(Rational.of(1), "°");

    private record Known(Rational factor, String base, int power) {}

    private static final Map<String, Known> KNOWN = new TreeMap<>();

    private static void add(String base, int power, Rational factor, String... names) {
        for (String name : names) {
            KNOWN.put(name, new Known(factor, base, power));
        }
    }

    static {
        add("m", 1, Rational.of(1), "m", "meter", "meters", "metre", "metres");
        add("m", 1, Rational.of(1000), "km", "kilometer", "kilometers", "kilometre", "kilometres", "kms");
        add("m", 1, Rational.of(1, 100), "cm", "centimeter", "centimeters", "centimetre", "centimetres", "cms");
        add("m", 1, Rational.of(1, 1000), "mm", "millimeter", "millimeters", "millimetre", "millimetres");
        add("m", 1, Rational.of(254, 10000), "inch", "inches", "in");
        add("m", 1, Rational.of(3048, 10000), "foot", "feet", "ft");
        add("m", 1, Rational.of(9144, 10000), "yard", "yards", "yd", "yds");
        add("m", 1, Rational.of(1609344, 1000), "mile", "miles", "mi");
        add("m", 3, Rational.of(1, 1000), "l", "L", "liter", "liters", "litre", "litres");
        add("m", 3, Rational.of(1, 1_000_000), "ml", "mL", "milliliter", "milliliters", "millilitre", "millilitres");
        add("s", 1, Rational.of(1), "s", "sec", "secs", "second", "seconds");
        add("s", 1, Rational.of(1, 1000), "ms", "millisecond", "milliseconds");
        add("s", 1, Rational.of(60), "min", "mins", "minute", "minutes");
        add("s", 1, Rational.of(3600), "h", "hr", "hrs", "hour", "hours");
        add("s", 1, Rational.of(86400), "day", "days");
        add("s", 1, Rational.of(604800), "week", "weeks");
        add("month", 1, Rational.of(1), "month", "months");
        add("month", 1, Rational.of(12), "year", "years", "yr", "yrs");
        add("g", 1, Rational.of(1), "g", "gram", "grams", "gm");
        add("g", 1, Rational.of(1000), "kg", "kilogram", "kilograms", "kgs", "kilo", "kilos");
        add("g", 1, Rational.of(1, 1000), "mg", "milligram", "milligrams");
        add("g", 1, Rational.of(1_000_000), "tonne", "tonnes");
        add("lb", 1, Rational.of(1), "lb", "lbs");
        add("lb", 1, Rational.of(1, 16), "oz", "ounce", "ounces");
        add("usd", 1, Rational.of(1), "dollar", "dollars", "usd", "USD");
        add("usd", 1, Rational.of(1, 100), "cent", "cents");
        add("eur", 1, Rational.of(1), "euro", "euros", "eur", "EUR");
        add("gbp", 1, Rational.of(1), "gbp", "GBP");
        add("inr", 1, Rational.of(1), "rupee", "rupees", "inr", "INR");
        add("jpy", 1, Rational.of(1), "yen", "jpy", "JPY");
        add("N", 1, Rational.of(1), "N", "newton", "newtons");
        add("J", 1, Rational.of(1), "J", "joule", "joules");
        add("J", 1, Rational.of(1000), "kJ", "kilojoule", "kilojoules");
        add("W", 1, Rational.of(1), "W", "watt", "watts");
        add("V", 1, Rational.of(1), "V", "volt", "volts");
        add("A", 1, Rational.of(1), "A", "amp", "amps", "ampere", "amperes");
        add("Hz", 1, Rational.of(1), "Hz", "hertz");
        add("rad", 1, Rational.of(1), "rad", "radian", "radians");
    }

    private static final Pattern PART = Pattern.compile("([A-Za-z]+)(?:\\s*\\^\\s*\\{?(-?\\d)}?)?");
    private static final Pattern ALLOWED = Pattern.compile("(?:[\\p{L}\\s.'\"()*/·-]|\\^\\s*\\{?-?\\d}?)*");

    /** Whether a single letter is one of the units written right after a number. */
    static boolean isLetter(char letter) {
        return "msghlLNJWVACFK".indexOf(letter) >= 0;
    }

    /** Whether this word, in a formula, is a unit and not letters multiplied. */
    static boolean isWord(String word) {
        return word.length() > 1 && KNOWN.containsKey(word);
    }

    boolean isKnown() {
        return !dimension.isEmpty();
    }

    /** The unit these words name; {@link #NONE} for words that are no known unit, empty for what cannot be one. */
    static Optional<Unit> parse(String words) {
        String text = words.strip();
        if (text.isEmpty()) {
            return Optional.of(NONE);
        }
        if (text.matches("(?i)%(?:\\s*[A-Za-z ]*)|percent(?:age)?(?: points?)?|per cent|pct")) {
            return Optional.of(PERCENT);
        }
        if (text.matches("°|(?i)deg(?:ree)?s?")) {
            return Optional.of(DEGREE);
        }
        Matcher temperature =
                Pattern.compile("(?:°|degrees?)\\s*(C|F|Celsius|Fahrenheit)").matcher(text);
        if (temperature.matches()) {
            return Optional.of(
                    new Unit(Rational.of(1), "°" + temperature.group(1).charAt(0)));
        }
        if (text.equals("¤") || text.equals("£") || text.equals("€") || text.equals("¥") || text.equals("₹")) {
            return Optional.of(ofSign(text.charAt(0)));
        }
        if (!ALLOWED.matcher(text).matches() || !text.matches("(?s).*\\p{L}.*")) {
            return Optional.empty();
        }
        return Optional.of(known(text).orElse(NONE));
    }

    static Unit ofSign(char sign) {
        return new Unit(
                Rational.of(1),
                switch (sign) {
                    case '£' -> "gbp^1";
                    case '€' -> "eur^1";
                    case '¥' -> "jpy^1";
                    case '₹' -> "inr^1";
                    default -> "usd^1";
                });
    }

    private static Optional<Unit> known(String text) {
        String spelled = text.replaceAll("(?i)\\bmph\\b", "mile/hour")
                .replaceAll("(?i)\\bkm/?ph\\b", "km/h")
                .replaceAll("(?i)\\b(?:square|sq\\.?)\\s+([A-Za-z]+)", "$1^2")
                .replaceAll("(?i)\\b(?:cubic|cu\\.?)\\s+([A-Za-z]+)", "$1^3")
                .replaceAll("(?i)\\b([A-Za-z]+)\\s+squared\\b", "$1^2")
                .replaceAll("(?i)\\b([A-Za-z]+)\\s+cubed\\b", "$1^3")
                .replaceAll("(?i)\\s*\\bper\\b\\s*", "/")
                .replaceAll("\\.$", "");
        Rational factor = Rational.of(1);
        Map<String, Integer> powers = new TreeMap<>();
        Matcher parts = PART.matcher(spelled);
        int end = 0;
        while (parts.find()) {
            String between = spelled.substring(end, parts.start()).strip();
            end = parts.end();
            Known known = KNOWN.get(parts.group(1));
            if (known == null || !between.matches("[/*·-]?")) {
                return Optional.empty();
            }
            int power = parts.group(2) == null ? 1 : Integer.parseInt(parts.group(2));
            int signed = between.equals("/") ? -power : power;
            factor = factor.times(known.factor().power(Rational.of(signed)).orElseThrow());
            powers.merge(known.base(), known.power() * signed, Integer::sum);
        }
        if (!spelled.substring(end).isBlank()) {
            return Optional.empty();
        }
        StringBuilder dimension = new StringBuilder();
        powers.forEach((base, power) -> {
            if (power != 0) {
                dimension
                        .append(dimension.isEmpty() ? "" : " ")
                        .append(base)
                        .append('^')
                        .append(power);
            }
        });
        return Optional.of(new Unit(factor, dimension.toString()));
    }
}
