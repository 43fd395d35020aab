package dev.hone.datasets.verify;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A time of day.
 *
 * @param hour as written
 * @param half {@code a} before noon, {@code p} after it, a space where it is not said
 */
record ClockTime(int hour, int minute, char half) {
    private static final Pattern WRITTEN = Pattern.compile("(\\d{1,2})(?::(\\d{2}))? ?(?:([aApP])\\.? ?[mM]\\.?)?");

    static Optional<ClockTime> parse(String text) {
        Matcher written = WRITTEN.matcher(
                text.replaceAll("[⟦⟧]", " ").replaceAll(" +", " ").strip());
        if (!written.matches()) {
            return Optional.empty();
        }
        int minute = written.group(2) == null ? 0 : Integer.parseInt(written.group(2));
        char half = written.group(3) == null
                ? ' '
                : Character.toLowerCase(written.group(3).charAt(0));
        ClockTime time = new ClockTime(Integer.parseInt(written.group(1)), minute, half);
        return time.hour <= 24 && minute < 60 ? Optional.of(time) : Optional.empty();
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
