package dev.hone.trainer.hub;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** The body of an answer whose connection is given up when nothing comes for a while, though it stays open. */
final class WatchedStream extends InputStream {
    private static final ScheduledExecutorService WATCHDOG = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "hub-watchdog");
        thread.setDaemon(true);
        return thread;
    });

    private final InputStream in;
    private final Duration patience;
    private volatile boolean stalled;

    /** @param patience how long a read may wait */
    WatchedStream(InputStream in, Duration patience) {
        this.in = in;
        this.patience = patience;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        int read = read(one, 0, 1);
        return read < 0 ? read : one[0] & 0xFF;
    }

    /** @throws IOException also where the connection was given up */
    @Override
    public int read(byte[] bytes, int from, int most) throws IOException {
        ScheduledFuture<?> watch = WATCHDOG.schedule(this::giveUp, patience.toMillis(), TimeUnit.MILLISECONDS);
        try {
            int read = in.read(bytes, from, most);
            // A stream closed under a read may also look as if it had ended.
            if (!stalled) {
                return read;
            }
        } catch (IOException e) {
            if (!stalled) {
                throw e;
            }
        } finally {
            watch.cancel(false);
        }
        throw new IOException("nothing came for " + patience.toSeconds() + " s");
    }

    /** Ends the read that waits. */
    private void giveUp() {
        stalled = true;
        try {
            in.close();
        } catch (IOException e) {
            // It is of no use any more.
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
