package dev.hone.datasets;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Files that appear whole or not at all: what stood there before stays until the new one is on disk. */
public final class WholeFile {
    private static final Logger LOG = LoggerFactory.getLogger(WholeFile.class);

    /** Writes what a file holds. */
    public interface Filling {
        void fill(BufferedWriter writer) throws IOException;
    }

    private WholeFile() {}

    /**
     * Writes a file beside its place, in UTF-8, and moves it there.
     *
     * @throws UserError where that cannot be done
     */
    public static void write(Path file, Filling filling) {
        Path target = file.toAbsolutePath();
        Path temporary = target.resolveSibling(target.getFileName() + ".tmp");
        try {
            Files.createDirectories(target.getParent());
            try (BufferedWriter writer = Files.newBufferedWriter(temporary)) {
                filling.fill(writer);
            }
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            deleteIfThere(temporary);
            throw new UserError(
                    file + ": cannot be written (" + e + "); give a path in a writable folder with space left", e);
        }
    }

    /** Best effort: the reason the write failed is worth more than this one. */
    private static void deleteIfThere(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("{}: left over and cannot be deleted ({})", file, e.toString());
        }
    }
}
