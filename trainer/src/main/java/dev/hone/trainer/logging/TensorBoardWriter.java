package dev.hone.trainer.logging;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Event files that TensorBoard opens: records of tensorflow.Event framed as TFRecord (length, its masked CRC-32C, bytes,
 * their masked CRC-32C; tensorflow/core/lib/io/record_writer.h). Every process of a run writes a file of its own; one that
 * resumes says from which step on, and TensorBoard drops what an earlier one wrote beyond it.
 */
public final class TensorBoardWriter implements EventWriter {

    private static final Logger LOG = LoggerFactory.getLogger(TensorBoardWriter.class);
    private static final long FLUSH_NANOS = TimeUnit.SECONDS.toNanos(5);

    // Fields of tensorflow.Event, Summary, Summary.Value, SessionLog.
    private static final int EVENT_TIME = 1;
    private static final int EVENT_STEP = 2;
    private static final int EVENT_VERSION = 3;
    private static final int EVENT_SUMMARY = 5;
    private static final int EVENT_SESSION = 7;
    private static final int SUMMARY_VALUE = 1;
    private static final int VALUE_TAG = 1;
    private static final int VALUE_SIMPLE = 2;
    private static final int SESSION_STATUS = 1;
    private static final int SESSION_START = 1;

    private @Nullable OutputStream out;
    private long lastFlush = System.nanoTime();

    /**
     * Begins a file in a directory.
     *
     * @param firstStep where this process goes on; 0 for a new run
     */
    public TensorBoardWriter(Path directory, long firstStep) {
        Instant now = Instant.now();
        try {
            Files.createDirectories(directory);
            this.out = new BufferedOutputStream(Files.newOutputStream(
                    directory.resolve("events.out.tfevents." + now.getEpochSecond() + "." + host() + "."
                            + ProcessHandle.current().pid() + "." + firstStep),
                    StandardOpenOption.CREATE_NEW));
            record(event(now, 0).text(EVENT_VERSION, "brain.Event:2"));
            if (firstStep > 0) {
                record(event(now, firstStep)
                        .message(EVENT_SESSION, new ProtoMessage().varint(SESSION_STATUS, SESSION_START)));
            }
            flush();
        } catch (IOException e) {
            giveUp(e);
        }
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9.-]", "_");
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    @Override
    public synchronized void write(JsonNode event) {
        Map<String, Double> scalars = Scalars.of(event);
        if (out == null || scalars.isEmpty()) {
            return;
        }
        ProtoMessage summary = new ProtoMessage();
        scalars.forEach((tag, value) -> summary.message(
                SUMMARY_VALUE, new ProtoMessage().text(VALUE_TAG, tag).fixed32(VALUE_SIMPLE, value.floatValue())));
        try {
            record(event(Scalars.time(event), event.path("step").asLong(0)).message(EVENT_SUMMARY, summary));
            if (System.nanoTime() - lastFlush > FLUSH_NANOS) {
                flush();
            }
        } catch (IOException e) {
            giveUp(e);
        }
    }

    private static ProtoMessage event(Instant time, long step) {
        return new ProtoMessage().fixed64(EVENT_TIME, time.toEpochMilli() / 1e3).varint(EVENT_STEP, step);
    }

    private void record(ProtoMessage event) throws IOException {
        if (out == null) {
            return;
        }
        byte[] bytes = event.toBytes();
        byte[] length = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(bytes.length)
                .array();
        out.write(length);
        out.write(masked(length));
        out.write(bytes);
        out.write(masked(bytes));
    }

    /** A CRC that may itself stand in data that is checked: rotated by 15 bits, plus a constant. */
    private static byte[] masked(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        int value = (int) crc.getValue();
        return ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(Integer.rotateRight(value, 15) + 0xa282ead8)
                .array();
    }

    private void flush() throws IOException {
        if (out != null) {
            out.flush();
        }
        lastFlush = System.nanoTime();
    }

    private void giveUp(IOException e) {
        LOG.warn("TensorBoard's event file can no longer be written ({}); the run goes on without", e.toString());
        out = null;
    }

    @Override
    public synchronized void close() {
        if (out != null) {
            try {
                out.close();
            } catch (IOException e) {
                giveUp(e);
            }
            out = null;
        }
    }
}
