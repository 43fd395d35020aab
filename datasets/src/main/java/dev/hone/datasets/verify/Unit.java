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

    private record Known(Rational factor, Map<String, Integer> powers) {}

    private static final Map<String, Known> KNOWN = new TreeMap<>();

    private static void add(String bases, Rational factor, String... names) {
        Map<String, Integer> powers = new TreeMap<>();
        for (String base : bases.split(" ")) {
            String[] parts = base.split("\\^");
            powers.put(parts[0], parts.length < 2 ? 1 : Integer.parseInt(parts[1]));
        }
        for (String name : names) {
            KNOWN.put(name, new Known(factor, powers));
        }
    }

    /** A unit with its thousands and thousandths: {@code kN}, {@code kilonewtons}. */
    private static void addScaled(String bases, Rational factor, String symbol, String word) {
        add(bases, factor, symbol, word, word + "s");
        add(bases, factor.times(Rational.of(1000)), "k" + symbol, "kilo" + word, "kilo" + word + "s");
        add(bases, factor.times(Rational.of(1_000_000)), "M" + symbol, "mega" + word, "mega" + word + "s");
        add(bases, factor.times(Rational.of(1, 1000)), "m" + symbol, "milli" + word, "milli" + word + "s");
        add(bases, factor.times(Rational.of(1, 1_000_000)), "μ" + symbol, "micro" + word, "micro" + word + "s");
        add(bases, factor.times(Rational.of(1, 1_000_000_000)), "n" + symbol, "nano" + word, "nano" + word + "s");
    }

    static {
        Rational one = Rational.of(1);
        add("m", one, "m", "meter", "meters", "metre", "metres");
        add("m", Rational.of(1000), "km", "kilometer", "kilometers", "kilometre", "kilometres", "kms");
        add("m", Rational.of(1, 100), "cm", "centimeter", "centimeters", "centimetre", "centimetres", "cms");
        add("m", Rational.of(1, 1000), "mm", "millimeter", "millimeters", "millimetre", "millimetres");
        add("m", Rational.of(1, 1_000_000), "μm", "µm", "um", "micrometer", "micrometers", "micron", "microns");
        add("m", Rational.of(1, 1_000_000_000), "nm", "nanometer", "nanometers");
        add("m", Rational.of(254, 10000), "inch", "inches", "in");
        add("m", Rational.of(3048, 10000), "foot", "feet", "ft");
        add("m", Rational.of(9144, 10000), "yard", "yards", "yd", "yds");
        add("m", Rational.of(1609344, 1000), "mile", "miles", "mi");
        add("m^2", Rational.of(10_000), "hectare", "hectares", "ha");
        add("m^2", Rational.of("4046.8564224"), "acre", "acres");
        add("m^3", Rational.of(1, 1000), "l", "L", "liter", "liters", "litre", "litres");
        add(
                "m^3",
                Rational.of(1, 1_000_000),
                "ml",
                "mL",
                "milliliter",
                "milliliters",
                "millilitre",
                "millilitres",
                "cc");
        // The liquid measures of the United States.
        add("m^3", Rational.of("0.003785411784"), "gallon", "gallons", "gal");
        add("m^3", Rational.of("0.000946352946"), "quart", "quarts", "qt");
        add("m^3", Rational.of("0.000473176473"), "pint", "pints", "pt");
        add("m^3", Rational.of("0.0002365882365"), "cup", "cups");
        add("s", one, "s", "sec", "secs", "second", "seconds");
        add("s", Rational.of(1, 1000), "ms", "millisecond", "milliseconds");
        add("s", Rational.of(60), "min", "mins", "minute", "minutes");
        add("s", Rational.of(3600), "h", "hr", "hrs", "hour", "hours");
        add("s", Rational.of(86400), "day", "days");
        add("s", Rational.of(604800), "week", "weeks");
        add("month", one, "month", "months");
        add("month", Rational.of(12), "year", "years", "yr", "yrs");
        add("g", one, "g", "gram", "grams", "gm");
        add("g", Rational.of(1000), "kg", "kilogram", "kilograms", "kgs", "kilo", "kilos");
        add("g", Rational.of(1, 1000), "mg", "milligram", "milligrams");
        add("g", Rational.of(1_000_000), "tonne", "tonnes");
        add("g", Rational.of("453.59237"), "lb", "lbs");
        add("g", Rational.of("28.349523125"), "oz", "ounce", "ounces");
        add("usd", one, "dollar", "dollars", "usd", "USD");
        add("usd", Rational.of(1, 100), "cent", "cents");
        add("eur", one, "euro", "euros", "eur", "EUR");
        add("gbp", one, "gbp", "GBP");
        add("inr", one, "rupee", "rupees", "inr", "INR");
        add("jpy", one, "yen", "jpy", "JPY");
        addScaled("g m s^-2", Rational.of(1000), "N", "newton");
        addScaled("g m^2 s^-2", Rational.of(1000), "J", "joule");
        addScaled("g m^2 s^-3", Rational.of(1000), "W", "watt");
        addScaled("g m^-1 s^-2", Rational.of(1000), "Pa", "pascal");
        addScaled("g m^2 s^-3 A^-1", Rational.of(1000), "V", "volt");
        addScaled("A", one, "A", "ampere");
        addScaled("g m^2 s^-3 A^-2", Rational.of(1000), "Ω", "ohm");
        addScaled("s^-1", one, "Hz", "hertz");
        add("A s", one, "C", "coulomb", "coulombs");
        add("A s", Rational.of(1, 1_000_000), "μC", "microcoulombs");
        add("A^2 s^4 g^-1 m^-2", Rational.of(1, 1000), "F", "farad", "farads");
        add("A^2 s^4 g^-1 m^-2", Rational.of(1, 1_000_000_000), "μF", "microfarads");
        add("g m^2 s^-2 A^-2", Rational.of(1000), "H", "henry", "henries");
        add("g s^-2 A^-1", Rational.of(1000), "T", "tesla", "teslas");
        addScaled("mol", one, "mol", "mole");
        addScaled("g m^2 s^-2", Rational.of(4184), "cal", "calorie");
        addScaled("g m^2 s^-2", Rational.of("1.602176634e-16"), "eV", "electronvolt");
        add("g m^-1 s^-2", Rational.of(100_000_000), "bar", "bars");
        add("g m^-1 s^-2", Rational.of(101_325_000), "atm", "atmosphere", "atmospheres");
        add("g m^2 s^-2", Rational.of(3_600_000_000L), "kWh", "kwh");
        add("A", one, "amp", "amps");
        add("K", one, "K", "kelvin", "kelvins");
        add("rad", one, "rad", "radian", "radians");
    }

    static final Unit CENT = new Unit(Rational.of(1, 100), "usd^1");

    /** A weight or money: what the other side is. */
    static final Unit POUND = new Unit(Rational.of(1), "pound");

    private static final Rational ABSOLUTE_ZERO = Rational.of("273.15");

    private static final Pattern PART = Pattern.compile("([A-Za-zΩμµ]+)(?:\\s*\\^\\s*\\{?(-?\\d)}?)?");
    /** {@code 3 less than x} is no 3. */
    private static final Pattern COMPARISON = Pattern.compile(
            "\\b(?:than|minus|plus|divided|multiplied|or (?:more|less|fewer|greater|higher|lower|above|below|later|earlier))\\b");

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
        if (text.matches("(?i)pounds?")) {
            return Optional.of(POUND);
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
        if (COMPARISON.matcher(text).find() || !ALLOWED.matcher(text).matches() || !text.matches("(?s).*\\p{L}.*")) {
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

    /** This unit, where the other is the one of money or weight that it may be meant as. */
    Unit beside(Unit other) {
        if (this != POUND) {
            return this;
        }
        return other.dimension.equals("g^1")
                ? new Unit(Rational.of("453.59237"), "g^1")
                : other == POUND ? this : new Unit(Rational.of(1), "gbp^1");
    }

    boolean isTemperature() {
        return dimension.equals("°C") || dimension.equals("°F") || dimension.equals("K^1");
    }

    /** A temperature of this unit in kelvins. */
    Expression kelvins(Expression value) {
        return switch (dimension) {
            case "°C" -> new Expression.Binary('+', value, new Expression.Number(ABSOLUTE_ZERO));
            case "°F" ->
                new Expression.Binary(
                        '+',
                        value.minus(Expression.number(32)).times(Rational.of(5, 9)),
                        new Expression.Number(ABSOLUTE_ZERO));
            default -> value;
        };
    }

    /** Whether words are a unit made of several, or a power of one. */
    static boolean isCompound(String words) {
        return words.matches(".*[A-Za-z].*[ /*·].*[A-Za-z].*|.*[A-Za-z] ?\\^.*")
                && known(words.strip()).isPresent();
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
            known.powers().forEach((base, times) -> powers.merge(base, times * signed, Integer::sum));
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
