package dev.hone.trainer.run;

import dev.hone.datasets.UserError;
import dev.hone.trainer.logging.EventWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * A run's events.jsonl. A checkpoint remembers how long the file was ({@link #length}); a resumed run cuts it there, so
 * that each step stands in it once.
 */
public final class Events implements AutoCloseable {

    private static final ObjectMapper JSON = JsonMapper.shared();

    private final Path file;
    private final FileChannel channel;
    private final List<EventWriter> writers = new CopyOnWriteArrayList<>();

    private Events(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** Opens the file and drops what lies beyond {@code length} bytes. */
    @SuppressWarnings("resource") // The channel lives as long as the events.
    public static Events open(Path file, long length) {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel.truncate(length).position(channel.size());
            return new Events(file, channel);
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    /** Tells another of every event from now on, and closes it with these. */
    public void tell(EventWriter writer) {
        writers.add(writer);
    }

    /** Appends one event, from whatever thread. {@code fields} follow time, event, step and phase. */
    public synchronized void append(String event, long step, String phase, Map<String, ?> fields) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("time", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
        line.put("event", event);
        line.put("step", step);
        line.put("phase", phase);
        line.putAll(fields);
        ByteBuffer bytes = ByteBuffer.wrap((JSON.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw unwritable(file, e);
        }
        if (!writers.isEmpty()) {
            JsonNode told = JSON.valueToTree(line);
            writers.forEach(writer -> writer.write(told));
        }
    }

    /** Bytes so far. */
    public synchronized long length() {
        try {
            return channel.size();
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    /** Puts everything so far on the disk; another thread than the one that appends may ask for it. */
    public void sync() {
        try {
            channel.force(true);
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    @Override
    public void close() {
        writers.forEach(EventWriter::close);
        try {
            channel.close();
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    private static UserError unwritable(Path file, IOException cause) {
        return new UserError("Cannot write " + file + " (" + cause.getMessage()
                + "); the last checkpoint is untouched: free space or correct permissions, then `hone resume` the run");
    }
}
