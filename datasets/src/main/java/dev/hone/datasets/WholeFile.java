package dev.hone.datasets;

import java.io.BufferedOutputStream;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that appears whole or not at all: it grows beside its place, and what stood there before stays until {@link #keep},
 * when the new one is on disk. Closed without that, nothing is left of it.
 */
public final class WholeFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WholeFile.class);

    /** Writes what a file holds. */
    public interface Filling {
        void fill(BufferedWriter writer) throws IOException;
    }

    private final Path target;
    private final Path temporary;
    private final OutputStream file;
    private final OutputStream stream;

    /** Creates the folders it lies in, too. */
    public WholeFile(Path file) throws IOException {
        this.target = file.toAbsolutePath();
        // Threads that write the same file at once are not in each other's way.
        this.temporary = target.resolveSibling(
                target.getFileName() + "." + Thread.currentThread().getId() + ".tmp");
        Files.createDirectories(target.getParent());
        this.file = Files.newOutputStream(temporary);
        this.stream = new BufferedOutputStream(this.file);
    }

    /**
     * Writes a file of text, in UTF-8.
     *
     * @throws UserError where that cannot be done
     */
    public static void write(Path file, Filling filling) {
        write(
                file,
                filling,
                e -> new UserError(
                        file + ": cannot be written (" + UserError.reason(e)
                                + "); give a path in a writable folder with space left",
                        e));
    }

    /**
     * Writes a file of text, in UTF-8.
     *
     * @param unwritable what to say where that cannot be done
     */
    public static void write(Path file, Filling filling, Function<IOException, UserError> unwritable) {
        try (WholeFile whole = new WholeFile(file)) {
            try (BufferedWriter writer = whole.writer()) {
                filling.fill(writer);
            }
            whole.keep();
        } catch (IOException e) {
            throw unwritable.apply(e);
        }
    }

    /** Takes what the file holds, as bytes. */
    public OutputStream stream() {
        return stream;
    }

    /** Takes what the file holds, as text; to be closed before {@link #keep}. It refuses what UTF-8 cannot hold. */
    public BufferedWriter writer() {
        return new BufferedWriter(new OutputStreamWriter(file, StandardCharsets.UTF_8.newEncoder()));
    }

    /** Moves the file, complete now, into its place. */
    public void keep() throws IOException {
        stream.flush();
        file.close();
        try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Where it was not kept, removes it at best effort: the reason for that is worth more than another. */
    @Override
    public void close() {
        try {
            file.close();
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            LOG.warn("{}: left over and cannot be deleted ({})", temporary, e.toString());
        }
    }
}
