package dev.hone.datasets.verify;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A day of the year.
 *
 * @param year 0 where it is not said
 */
record CalendarDate(int year, int month, int day) {
    private static final List<String> MONTHS =
            List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
    private static final String MONTH = "(?<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
            + "|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?";
    private static final String WEEKDAY = "(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?(?:the )?";
    private static final String DAY = "(?<day>\\d{1,2})(?:st|nd|rd|th)?";
    private static final String YEAR = "(?:,? (?<year>\\d{4}))?";
    private static final List<Pattern> WRITTEN = List.of(
            Pattern.compile(WEEKDAY + MONTH + " (?:the )?" + DAY + YEAR),
            Pattern.compile(WEEKDAY + DAY + " (?:of )?" + MONTH + YEAR),
            Pattern.compile("(?<year>\\d{4})-(?<month>\\d{2})-(?<day>\\d{2})"),
            Pattern.compile("(?<month>\\d{1,2})/(?<day>\\d{1,2})/(?<year>\\d{4})"));
    private static final Pattern FRACTION =
            Pattern.compile("(?<month>\\d{1,2}) ?/ ?(?<day>\\d{1,2})(?:/(?<year>\\d{4}))?");

    static Optional<CalendarDate> parse(String text) {
        String plain = MathText.words(text).toLowerCase(Locale.ROOT);
        return WRITTEN.stream()
                .map(pattern -> pattern.matcher(plain))
                .filter(Matcher::matches)
                .findFirst()
                .flatMap(CalendarDate::of);
    }

    /** {@code 3/14}, which is a date only to whoever asked for one. */
    static Optional<CalendarDate> ofFraction(String text) {
        Matcher written = FRACTION.matcher(text.strip());
        return written.matches() ? of(written) : Optional.empty();
    }

    private static Optional<CalendarDate> of(Matcher written) {
        String named = written.group("month");
        String year = written.group("year");
        int month = Character.isDigit(named.charAt(0))
                ? Integer.parseInt(named)
                : MONTHS.indexOf(named.substring(0, 3)) + 1;
        int day = Integer.parseInt(written.group("day"));
        // 14/3, where the month cannot stand first.
        boolean turned = month > 12 && written.group().indexOf('/') >= 0;
        CalendarDate date =
                new CalendarDate(year == null ? 0 : Integer.parseInt(year), turned ? day : month, turned ? month : day);
        return date.month >= 1 && date.month <= 12 && date.day >= 1 && date.day <= 31
                ? Optional.of(date)
                : Optional.empty();
    }

    /** Whether this key is that date; a year the key does not ask for may be said. */
    boolean isMetBy(CalendarDate answer) {
        return month == answer.month && day == answer.day && (year == 0 || year == answer.year);
    }
}
