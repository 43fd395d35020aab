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
            Pattern.compile("(?<year>\\d{4})-(?<month>\\d{2})-(?<day>\\d{2})"));

    static Optional<CalendarDate> parse(String text) {
        String plain = MathText.words(text).toLowerCase(Locale.ROOT);
        for (Pattern pattern : WRITTEN) {
            Matcher written = pattern.matcher(plain);
            if (written.matches()) {
                String month = written.group("month");
                String year = written.group("year");
                CalendarDate date = new CalendarDate(
                        year == null ? 0 : Integer.parseInt(year),
                        Character.isDigit(month.charAt(0))
                                ? Integer.parseInt(month)
                                : MONTHS.indexOf(month.substring(0, 3)) + 1,
                        Integer.parseInt(written.group("day")));
                return date.month >= 1 && date.month <= 12 && date.day >= 1 && date.day <= 31
                        ? Optional.of(date)
                        : Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** Whether this key is that date; a year the key does not ask for may be said. */
    boolean isMetBy(CalendarDate answer) {
        return month == answer.month && day == answer.day && (year == 0 || year == answer.year);
    }
}
