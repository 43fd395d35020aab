package dev.hone.datasets;

import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A mistake in what the user gave: a file, a line, a key, a value.
 *
 * <p>The message is one sentence that names the place, what was expected and what to do; it is printed as it is,
 * without a stack trace.
 */
public class UserError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UserError(String message) {
        super(message);
    }

    public UserError(String message, Throwable cause) {
        super(message, cause);
    }

    /** A name that is not among the valid ones: {@code Unknown verifier "mth", did you mean "math"? ...}. */
    public static UserError unknownName(String what, String given, Set<String> valid) {
        SortedSet<String> sorted = new TreeSet<>(valid);
        return new UserError("Unknown %s \"%s\", did you mean \"%s\"? Use one of: %s"
                .formatted(what, given, Nearest.of(given, sorted), String.join(", ", sorted)));
    }
}
