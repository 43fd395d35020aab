package dev.hone.datasets.pairs;

import dev.hone.datasets.UserError;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes pairs to JSONL files. */
public final class PairWriter {
    private static final Logger LOG = LoggerFactory.getLogger(PairWriter.class);

    private PairWriter() {}

    /**
     * Writes the pairs, one JSON object a line. The file appears whole or not at all: what stood there before stays
     * until the new one is on disk.
     *
     * @throws UserError where the file cannot be written
     */
    public static void write(Path jsonl, Iterable<Pair> pairs) {
        Path target = jsonl.toAbsolutePath();
        Path temporary = target.resolveSibling(target.getFileName() + ".tmp");
        try {
            Files.createDirectories(target.getParent());
            try (BufferedWriter writer = Files.newBufferedWriter(temporary, StandardCharsets.UTF_8)) {
                for (Pair pair : pairs) {
                    writer.write(PairJson.write(pair));
                    writer.write('\n');
                }
            }
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            deleteIfThere(temporary);
            throw new UserError(
                    jsonl + ": cannot be written (" + e + "); give a path in a writable folder with space left", e);
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
