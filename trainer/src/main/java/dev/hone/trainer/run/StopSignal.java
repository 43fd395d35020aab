package dev.hone.trainer.run;

import java.util.concurrent.CountDownLatch;

/**
 * Turns SIGINT and SIGTERM into a request to stop: the run saves after its current step and ends, and the JVM then ends
 * with the signal's own exit code (130 or 143).
 */
public final class StopSignal implements AutoCloseable {

    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean requested;
    private final Thread hook = new Thread(this::stop, "stop");

    public StopSignal() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Whether the run is to save and end. */
    public boolean requested() {
        return requested;
    }

    /** Lets the JVM end. */
    @Override
    public void close() {
        ended.countDown();
        if (!requested) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException shuttingDown) {
                // The signal came just now; the hook finds the run ended.
                return;
            }
        }
    }

    private void stop() {
        requested = true;
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
