package dev.hone.datasets.sources;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.MalformedPair.Kind;
import java.nio.file.Path;

/** What becomes of rows that are not pairs. */
public interface Malformed {
    /**
     * Takes note of a row, or throws to stop.
     *
     * @param line where the row begins, from 1; 0 where the whole file cannot be read
     * @param kind what is wrong, for counting
     * @param reason one clause: what is wrong and what to do
     * @param text the row as it stands in the file
     */
    void row(Path file, long line, Kind kind, String reason, String text);

    /** Stops at the first, with a {@link UserError} that names file and line. */
    static Malformed strict() {
        return (file, line, kind, reason, text) -> {
            throw new UserError(place(file, line) + ": " + reason);
        };
    }

    /** {@code train.jsonl:17} */
    static String place(Path file, long line) {
        return line == 0 ? file.toString() : file + ":" + line;
    }
}
