package dev.hone.benchmarks;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Files that are there whole or not at all. */
final class ResultFile {

    /** What fills a file. */
    interface Filling {
        void fill(Writer writer) throws IOException;
    }

    private ResultFile() {}

    /** Writes beside the file's place, then renames. Throws {@link UserError} naming the file when that fails. */
    static void write(Path file, Filling filling) {
        Path temporary = file.resolveSibling(".tmp-" + file.getFileName());
        try {
            Files.createDirectories(file.toAbsolutePath().resolveSibling(""));
            try (Writer writer = Files.newBufferedWriter(temporary)) {
                filling.fill(writer);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UserError("Cannot write " + file + " (" + e.getMessage()
                    + "); choose a directory with room that you" + " may write to");
        }
    }
}
