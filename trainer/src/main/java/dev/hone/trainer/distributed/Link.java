package dev.hone.trainer.distributed;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.IntConsumer;
import jdk.net.ExtendedSocketOptions;

/**
 * A connection between rank 0 and a worker. What it carries is in frames: a byte for the kind, four for the length, the
 * content. Messages and numbers are taken by who waits for them; signs that something ended, or is to end, at once.
 */
final class Link implements AutoCloseable {

    private static final int DATA = 0;
    private static final int STOP = 1;
    private static final int FAILED = 2;
    private static final int END = 3;
    private static final int SIGN = 4;

    /** No message: the next has not come yet. */
    private static final int NONE = -1;

    private static final int HEAR_MILLIS = 1;

    /** Seconds of silence after which the system asks whether the other machine is still there, and how it asks. */
    private static final int KEEP_IDLE_SECONDS = 30;

    private static final int KEEP_INTERVAL_SECONDS = 10;
    private static final int KEEP_COUNT = 6;

    private static final int FAREWELL_MILLIS = 5000;

    private final Socket socket;
    private final String peer;
    private final DataInputStream in;
    private final DataOutputStream out;
    private int next = NONE;
    private ByteBuffer bytes = ByteBuffer.allocate(0);
    private volatile IntConsumer onStop = signal -> {};

    /** @param peer what the other end is called, as {@code "rank 1"} */
    Link(Socket socket, String peer) throws IOException {
        this.socket = socket;
        this.peer = peer;
        socket.setSoTimeout(0);
        socket.setTcpNoDelay(true);
        set(StandardSocketOptions.SO_KEEPALIVE, true);
        set(ExtendedSocketOptions.TCP_KEEPIDLE, KEEP_IDLE_SECONDS);
        set(ExtendedSocketOptions.TCP_KEEPINTERVAL, KEEP_INTERVAL_SECONDS);
        set(ExtendedSocketOptions.TCP_KEEPCOUNT, KEEP_COUNT);
        this.in = new DataInputStream(socket.getInputStream());
        this.out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
    }

    private <T> void set(SocketOption<T> option, T value) throws IOException {
        if (socket.supportedOptions().contains(option)) {
            socket.setOption(option, value);
        }
    }

    /** Has another told which signal asked the worker at the other end to stop. */
    void onStop(IntConsumer listener) {
        onStop = listener;
    }

    void send(byte[] message) {
        send(DATA, message, message.length);
    }

    void send(float[] values, int count) {
        int length = count * Float.BYTES;
        room(length).asFloatBuffer().put(values, 0, count);
        send(DATA, bytes.array(), length);
    }

    /** Passes a signal on. */
    void sendStop(int signal) {
        send(STOP, new byte[] {(byte) signal}, 1);
    }

    private synchronized void send(int kind, byte[] content, int length) {
        try {
            out.writeByte(kind);
            out.writeInt(length);
            out.write(content, 0, length);
            out.flush();
        } catch (IOException e) {
            throw lost(e);
        }
    }

    /** Says that this end is still at what it was asked for. */
    void sendSign() {
        send(SIGN, new byte[0], 0);
    }

    /** Takes notice of what came meanwhile, an end too; data stays for who waits for it. */
    void hear() {
        try {
            while (came() && next != DATA) {
                notice(() -> {});
            }
        } catch (IOException e) {
            throw lost(e);
        }
    }

    /** Whether there is a message whose kind is {@code next}. */
    private boolean came() throws IOException {
        if (next != NONE) {
            return true;
        }
        socket.setSoTimeout(HEAR_MILLIS);
        try {
            next = in.readUnsignedByte();
            return true;
        } catch (SocketTimeoutException nothing) {
            return false;
        } finally {
            socket.setSoTimeout(0);
        }
    }

    byte[] receive() {
        return receive(() -> {});
    }

    /** @param waiting called at each sign that the other end is still at it */
    byte[] receive(Runnable waiting) {
        try {
            return content(header(waiting));
        } catch (IOException e) {
            throw lost(e);
        }
    }

    void receive(float[] values, int count) {
        try {
            int length = header(() -> {});
            if (length != count * Float.BYTES) {
                throw new IOException("it sent " + length + " bytes where " + count + " numbers were due");
            }
            in.readFully(room(length).array(), 0, length);
            bytes.asFloatBuffer().get(values, 0, count);
        } catch (IOException e) {
            throw lost(e);
        }
    }

    /** The length of the next data. */
    private int header(Runnable waiting) throws IOException {
        while (true) {
            if (next == NONE) {
                next = in.readUnsignedByte();
            }
            if (next == DATA) {
                next = NONE;
                return in.readInt();
            }
            notice(waiting);
        }
    }

    /** Takes a message of the kind {@code next}, which is no data. */
    private void notice(Runnable waiting) throws IOException {
        int kind = next;
        next = NONE;
        int length = in.readInt();
        switch (kind) {
            case STOP:
                onStop.accept(content(length)[0]);
                break;
            case SIGN:
                waiting.run();
                break;
            case FAILED:
                throw new ProcessLost(peer + " ended: " + new String(content(length), StandardCharsets.UTF_8));
            case END:
                throw new TrainingEnded();
            default:
                throw new IOException("it sent what no hone of this version sends");
        }
    }

    private byte[] content(int length) throws IOException {
        byte[] content = new byte[length];
        in.readFully(content);
        return content;
    }

    private ByteBuffer room(int length) {
        if (bytes.capacity() < length) {
            bytes = ByteBuffer.allocate(length);
        }
        return bytes;
    }

    private ProcessLost lost(IOException cause) {
        String why = cause.getMessage() == null ? "its connection ended" : cause.getMessage();
        return new ProcessLost(peer + " was lost (" + why + ")", cause);
    }

    /** Tells the other end, if it is still there, why this one ends. */
    void fail(String why) {
        last(FAILED, why.getBytes(StandardCharsets.UTF_8));
    }

    /** Tells the other end, if it is still there, that all is done. */
    void end() {
        last(END, new byte[0]);
    }

    private void last(int kind, byte[] content) {
        try {
            send(kind, content, content.length);
        } catch (ProcessLost gone) {
            // Then it needs not be told.
            return;
        }
    }

    /**
     * Waits a little until the other end has closed as well: a connection closed with something unread would take with it
     * what was said last.
     */
    @Override
    public void close() {
        try (socket) {
            socket.shutdownOutput();
            socket.setSoTimeout(FAREWELL_MILLIS);
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException gone) {
            return;
        }
    }
}
