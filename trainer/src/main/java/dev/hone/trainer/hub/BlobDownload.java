package dev.hone.trainer.hub;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;

/**
 * A blob on its way into the cache. Its chunks are fetched in any order, several at once; which ones are there is noted
 * beside it, so a stopped download goes on with the rest. The blob appears under its name whole and with the right hash,
 * or not at all.
 */
final class BlobDownload implements Closeable {
    private final HubFile file;
    private final int chunkBytes;
    private final Path blob;
    private final Path part;
    private final Path notes;
    private final FileChannel lock;
    private final FileChannel bytes;
    private final BitSet done = new BitSet();

    /** @param lockFile locked meanwhile, and left in its place, since others may wait for it */
    BlobDownload(HubFile file, Path blob, Path lockFile, int chunkBytes) throws IOException {
        this.file = file;
        this.chunkBytes = chunkBytes;
        this.blob = blob;
        this.part = blob.resolveSibling(file.hash() + ".hone.part");
        this.notes = blob.resolveSibling(file.hash() + ".hone.chunks");
        Files.createDirectories(blob.getParent());
        Files.createDirectories(lockFile.getParent());
        this.lock = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        // Another process may fetch the same blob.
        lock.lock();
        this.bytes = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (Files.exists(notes)) {
            Files.readString(notes, StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.matches("\\d{1,9}"))
                    .mapToInt(Integer::parseInt)
                    .filter(chunk -> chunk < chunks())
                    .forEach(done::set);
        }
    }

    int chunks() {
        return Math.toIntExact((file.size() + chunkBytes - 1) / chunkBytes);
    }

    synchronized boolean has(int chunk) {
        return done.get(chunk);
    }

    long start(int chunk) {
        return (long) chunk * chunkBytes;
    }

    long end(int chunk) {
        return Math.min(file.size(), start(chunk) + chunkBytes);
    }

    /** Writes what a connection brings, at most up to {@code end}. Returns how many bytes that were. */
    long receive(InputStream in, long from, long end, PullProgress progress) throws IOException {
        byte[] buffer = new byte[1 << 17];
        long at = from;
        while (at < end) {
            int read = read(in, buffer, (int) Math.min(buffer.length, end - at));
            if (read < 0) {
                break;
            }
            ByteBuffer data = ByteBuffer.wrap(buffer, 0, read);
            while (data.hasRemaining()) {
                at += bytes.write(data, at);
            }
            progress.fetched(read);
        }
        return at - from;
    }

    /** A cut connection is the end of what it brought. */
    private static int read(InputStream in, byte[] buffer, int most) {
        try {
            return in.read(buffer, 0, most);
        } catch (IOException e) {
            return -1;
        }
    }

    synchronized void finish(int chunk) throws IOException {
        done.set(chunk);
        bytes.force(false);
        Files.writeString(
                notes, chunk + "\n", StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Whether the bytes are right; then the blob is in its place. Wrong ones are thrown away. */
    boolean complete() throws IOException {
        boolean right = Files.size(part) == file.size() && file.matches(part);
        if (right) {
            bytes.force(true);
            Files.move(part, blob, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } else {
            Files.delete(part);
        }
        Files.deleteIfExists(notes);
        return right;
    }

    @Override
    public void close() throws IOException {
        bytes.close();
        lock.close();
    }
}
