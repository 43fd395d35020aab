package dev.hone.checkpoints;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A file or directory that cannot be read or written, or is not what it should be. The message is one sentence for the
 * user: it names the file, what was expected and what to do.
 */
public final class CheckpointException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Characters of a message; it may quote a file, and a file may hold anything. */
    private static final int LONGEST = 1000;

    public CheckpointException(String message) {
        super(readable(message));
    }

    private CheckpointException(String message, @Nullable Throwable cause) {
        super(readable(message), cause);
    }

    /** A message that is too long loses its middle: the place stands at its beginning, what to do at its end. */
    private static String readable(String message) {
        if (message.length() <= LONGEST) {
            return message;
        }
        return message.substring(0, LONGEST / 2) + " ... " + message.substring(message.length() - LONGEST / 2);
    }

    /** The sentence for a failed write of {@code path}. */
    static CheckpointException writing(Path path, IOException cause) {
        if (isDiskFull(cause)) {
            return new CheckpointException(
                    "The disk is full while writing " + path
                            + "; what was saved before is untouched, free some space there or keep fewer checkpoints",
                    cause);
        }
        return new CheckpointException(
                "Cannot write " + path + " (" + reason(cause) + "); choose a directory you may write to", cause);
    }

    /** The sentence for a failed read of {@code path}. */
    static CheckpointException reading(Path path, IOException cause) {
        return new CheckpointException(
                "Cannot read " + path + " (" + reason(cause) + "); check the path and its permissions", cause);
    }

    /** The operating system's word, in the JVM's message only: ENOSPC and EDQUOT have no exception type of their own. */
    private static boolean isDiskFull(IOException cause) {
        String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        return message.contains("no space left") || message.contains("quota exceeded");
    }

    private static String reason(IOException cause) {
        if (cause instanceof NoSuchFileException) {
            return "no such file";
        }
        if (cause instanceof FileAlreadyExistsException) {
            return "it is a file";
        }
        if (cause instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (cause instanceof FileSystemException failure && failure.getReason() != null) {
            return failure.getReason().toLowerCase(Locale.ROOT);
        }
        return String.valueOf(cause.getMessage());
    }
}
