package dev.hone.benchmarks;

import dev.hone.datasets.UserError;
import dev.hone.datasets.WholeFile;
import java.nio.file.Path;

/** Files of an evaluation, which are there whole or not at all. */
final class ResultFile {

    private ResultFile() {}

    /** Throws {@link UserError} naming the file when it cannot be written. */
    static void write(Path file, WholeFile.Filling filling) {
        WholeFile.write(
                file,
                filling,
                e -> new UserError(
                        "Cannot write " + file + " (" + e.getMessage()
                                + "); choose a directory with room that you may write to",
                        e));
    }
}
