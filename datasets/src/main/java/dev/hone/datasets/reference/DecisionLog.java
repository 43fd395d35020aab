package dev.hone.datasets.reference;

import dev.hone.datasets.UserError;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What was decided, a JSON line each, as it is decided: the record for people, and where a stopped run goes on. A line
 * that a crash cut short is dropped. Safe for use by several threads.
 *
 * @param <T> a decision, a record
 */
public final class DecisionLog<T> implements Closeable {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Path file;
    private final Function<T, String> key;
    private final Map<String, T> decided = new LinkedHashMap<>();
    private final FileChannel channel;

    /**
     * Opens or creates a log.
     *
     * @param key what a decision is about
     * @throws UserError where the file holds something else or cannot be written
     */
    public DecisionLog(Path file, Class<T> type, Function<T, String> key) {
        this.file = file;
        this.key = key;
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            long whole = Files.exists(file) ? read(type) : 0;
            this.channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel.truncate(whole);
            channel.position(whole);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    /** Returns the length in bytes of the lines that are whole. */
    private long read(Class<T> type) throws IOException {
        long whole = 0;
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            byte[] bytes = new byte[Math.toIntExact(in.length())];
            in.readFully(bytes);
            int number = 1;
            for (int end = 0; end < bytes.length; end++) {
                if (bytes[end] != '\n') {
                    continue;
                }
                String line = new String(bytes, (int) whole, end - (int) whole, StandardCharsets.UTF_8);
                try {
                    T decision = JSON.readValue(line, type);
                    decided.put(key.apply(decision), decision);
                } catch (JacksonException e) {
                    throw new UserError(
                            "%s:%d: not a decision of this kind (%s); name another file, or remove the line"
                                    .formatted(file, number, e.getOriginalMessage()),
                            e);
                }
                whole = end + 1L;
                number++;
            }
        }
        return whole;
    }

    public synchronized Optional<T> of(String subject) {
        return Optional.ofNullable(decided.get(subject));
    }

    /** Adds a decision; it is on disk when this returns. */
    public synchronized void add(T decision) {
        decided.put(key.apply(decision), decision);
        ByteBuffer line = ByteBuffer.wrap((JSON.writeValueAsString(decision) + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            while (line.hasRemaining()) {
                channel.write(line);
            }
            channel.force(false);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private UserError unwritable(IOException e) {
        return new UserError(file + ": cannot be written (" + e + "); choose a writable folder with space left", e);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
