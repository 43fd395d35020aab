package dev.hone.datasets;

import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;

/**
 * A mistake in what the user gave: a file, a line, a key, a value.
 *
 * <p>The message is one sentence that names the place, what was expected and what to do; it is printed as it is,
 * without a stack trace.
 */
public class UserError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Characters of a message; it may quote a file, and a file may hold anything. */
    private static final int LONGEST = 1000;

    public UserError(String message) {
        super(readable(message));
    }

    public UserError(String message, Throwable cause) {
        super(readable(message), cause);
    }

    /** A message that is too long loses its middle: the place stands at its beginning, what to do at its end. */
    private static String readable(String message) {
        if (message.length() <= LONGEST) {
            return message;
        }
        return message.substring(0, LONGEST / 2) + " ... " + message.substring(message.length() - LONGEST / 2);
    }

    /** Why a file could not be read, written or understood, in one line and without Java's words: to stand in brackets. */
    public static String reason(Exception cause) {
        if (cause instanceof JacksonException json) {
            return firstLine(json.getOriginalMessage());
        }
        if (cause instanceof NoSuchFileException missing) {
            return missing.getFile() + ": no such file";
        }
        if (cause instanceof AccessDeniedException denied) {
            return denied.getFile() + ": permission denied";
        }
        if (cause instanceof FileAlreadyExistsException there) {
            return there.getFile() + " is there already, and no folder";
        }
        if (cause instanceof CharacterCodingException) {
            return "not UTF-8";
        }
        return firstLine(cause.getMessage() == null ? cause.toString() : cause.getMessage());
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    /** A name that is not among the valid ones: {@code Unknown verifier "mth", did you mean "math"? ...}. */
    public static UserError unknownName(String what, String given, Set<String> valid) {
        return new UserError("Unknown " + what + " \"" + given + "\"" + Nearest.meantOf(given, new TreeSet<>(valid)));
    }
}
