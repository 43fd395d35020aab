package dev.hone.datasets.curate;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Texts by number, in memory while they are few and beyond that in a temporary file, which is gone when this is closed.
 * Throws {@link UncheckedIOException} where that cannot be written.
 */
final class TextLog implements Closeable {
    /** Texts kept in memory before they go to the file, in bytes. */
    private static final int BUFFER = 16 << 20;

    private byte[] buffer = new byte[1 << 12];
    private int buffered;
    private long written;
    private long[] starts = new long[1 << 8];
    private int count;
    private @Nullable FileChannel file;

    int size() {
        return count;
    }

    /** Its number is {@link #size()} before. */
    void add(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (count + 1 >= starts.length) {
            starts = Arrays.copyOf(starts, starts.length * 2);
        }
        if (buffered > 0 && buffered + bytes.length > BUFFER) {
            spill();
        }
        if (buffered + bytes.length > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(buffered + bytes.length, buffer.length * 2));
        }
        System.arraycopy(bytes, 0, buffer, buffered, bytes.length);
        buffered += bytes.length;
        count++;
        starts[count] = written + buffered;
    }

    String get(int number) {
        long start = starts[number];
        int length = (int) (starts[number + 1] - start);
        if (start >= written || file == null) {
            return new String(buffer, (int) (start - written), length, StandardCharsets.UTF_8);
        }
        ByteBuffer bytes = ByteBuffer.allocate(length);
        try {
            while (bytes.hasRemaining()) {
                if (file.read(bytes, start + bytes.position()) < 0) {
                    throw new IOException("the temporary file of texts ends at " + file.size());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new String(bytes.array(), StandardCharsets.UTF_8);
    }

    private void spill() {
        try {
            if (file == null) {
                Path path = Files.createTempFile("hone-texts-", null);
                file = FileChannel.open(
                        path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
            }
            ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, buffered);
            while (bytes.hasRemaining()) {
                file.write(bytes, written + bytes.position());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        written += buffered;
        buffered = 0;
    }

    @Override
    public void close() {
        if (file != null) {
            try {
                file.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
