package dev.hone.datasets.verify;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A time of day.
 *
 * @param hour as written
 * @param half {@code a} before noon, {@code p} after it, a space where it is not said
 * @param pointed whether the minutes are written
 */
record ClockTime(int hour, int minute, char half, boolean pointed) {
    private static final Pattern WRITTEN =
            Pattern.compile("(\\d{1,2})(?:(?::|\\.(?=\\d{2} ?[aApP]))(\\d{2}))? ?(?:([aApP])\\.? ?[mM]\\.?)?");

    private static final Pattern NAMED = Pattern.compile("(?:12(?::00)? )?((?i:noon|midnight))");

    static Optional<ClockTime> parse(String text) {
        String said = MathText.words(text)
                .replaceAll(" ?(?:o'clock)? in the morning$", " am")
                .replaceAll(" ?(?:o'clock)? in the (?:afternoon|evening)$", " pm")
                .replaceAll("(?<=^\\d{1,2}) o'clock$", ":00");
        Matcher name = NAMED.matcher(said);
        if (name.matches()) {
            return Optional.of(
                    new ClockTime(12, 0, name.group(1).toLowerCase(Locale.ROOT).endsWith("noon") ? 'p' : 'a', false));
        }
        Matcher written = WRITTEN.matcher(said);
        if (!written.matches()) {
            return Optional.empty();
        }
        int minute = written.group(2) == null ? 0 : Integer.parseInt(written.group(2));
        char half = written.group(3) == null
                ? ' '
                : Character.toLowerCase(written.group(3).charAt(0));
        ClockTime time = new ClockTime(Integer.parseInt(written.group(1)), minute, half, written.group(2) != null);
        return time.hour <= 24 && minute < 60 ? Optional.of(time) : Optional.empty();
    }

    /** Whether it can be no ratio: {@code 12:00}. */
    boolean isOnTheHour() {
        return minute == 0 && pointed;
    }

    boolean saysHalf() {
        return half != ' ';
    }

    /** Whether both may be one time: a half of the day that is not said may be either. */
    boolean agreesWith(ClockTime other) {
        if (minute != other.minute) {
            return false;
        }
        boolean sameFace = hour == other.hour && (half == other.half || !saysHalf() || !other.saysHalf());
        return sameFace || ofDay() == other.ofDay();
    }

    private int ofDay() {
        return saysHalf() ? hour % 12 + (half == 'p' ? 12 : 0) : hour;
    }
}
