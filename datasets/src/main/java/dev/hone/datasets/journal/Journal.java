package dev.hone.datasets.journal;

import dev.hone.datasets.UserError;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file of lines that only grows. A line is in the file when {@link #append} returns, so that killing the process loses
 * none; one that a crash cut short is dropped when the file is opened again. Safe for use by several threads.
 */
public final class Journal implements Closeable {

    /** Takes the lines that an opened file holds. */
    @FunctionalInterface
    public interface Reader {
        /**
         * @param number of the line, from 1
         * @param start where in the file the line begins, for {@link #at}
         */
        void line(long number, long start, String line);
    }

    private final Path file;
    private final FileChannel channel;
    private long end;

    /**
     * Opens or creates a journal.
     *
     * @param reader takes every whole line, in order
     * @throws UserError where the file cannot be read or written
     */
    public Journal(Path file, Reader reader) {
        this.file = file;
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            this.end = Files.exists(file) ? read(reader) : 0;
            this.channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            channel.truncate(end);
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    /** Returns the length in bytes of the lines that are whole. */
    private long read(Reader reader) throws IOException {
        long start = 0;
        long number = 0;
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[1 << 16];
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                int from = 0;
                for (int i = 0; i < length; i++) {
                    if (buffer[i] == '\n') {
                        line.write(buffer, from, i - from);
                        reader.line(++number, start, line.toString(StandardCharsets.UTF_8));
                        start += line.size() + 1L;
                        line.reset();
                        from = i + 1;
                    }
                }
                line.write(buffer, from, length - from);
            }
        }
        return start;
    }

    /**
     * Adds a line.
     *
     * @param line without line feeds
     * @return where it begins, for {@link #at}
     */
    public synchronized long append(String line) {
        long start = end;
        ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            while (bytes.hasRemaining()) {
                end += channel.write(bytes, end);
            }
        } catch (IOException e) {
            throw unusable(e);
        }
        return start;
    }

    /** Waits until all that was added would outlast a loss of power, too. */
    public synchronized void force() {
        try {
            channel.force(false);
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    /** The line that begins there. */
    public synchronized String at(long start) {
        ByteBuffer bytes = ByteBuffer.allocate(1 << 10);
        try {
            while (true) {
                while (bytes.hasRemaining() && channel.read(bytes, start + bytes.position()) > 0) {}
                for (int i = 0; i < bytes.position(); i++) {
                    if (bytes.get(i) == '\n') {
                        return new String(bytes.array(), 0, i, StandardCharsets.UTF_8);
                    }
                }
                if (bytes.hasRemaining()) {
                    throw new IOException("no line begins at " + start);
                }
                bytes = ByteBuffer.allocate(bytes.capacity() * 4).put(bytes.flip());
            }
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    private UserError unusable(IOException e) {
        return new UserError(
                file + ": cannot be read and written (" + UserError.reason(e)
                        + "); choose a writable folder with space left",
                e);
    }

    @Override
    public void close() {
        try {
            channel.force(false);
            channel.close();
        } catch (IOException e) {
            throw unusable(e);
        }
    }
}
