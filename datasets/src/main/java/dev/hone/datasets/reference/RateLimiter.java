package dev.hone.datasets.reference;

import java.time.Duration;

/** Spaces requests evenly, and holds all of them back while the server asks for it. Safe for use by several threads. */
final class RateLimiter {
    private final long intervalNanos;
    private long nextNanos = System.nanoTime();

    /** @param requestsPerMinute 0 sets no limit */
    RateLimiter(double requestsPerMinute) {
        this.intervalNanos = requestsPerMinute == 0 ? 0 : (long) (60e9 / requestsPerMinute);
    }

    /** Waits for this request's turn. */
    void await() throws InterruptedException {
        long waitNanos;
        synchronized (this) {
            long now = System.nanoTime();
            long turn = nextNanos - now > 0 ? nextNanos : now;
            nextNanos = turn + intervalNanos;
            waitNanos = turn - now;
        }
        if (waitNanos > 0) {
            Thread.sleep(waitNanos / 1_000_000, (int) (waitNanos % 1_000_000));
        }
    }

    /** Nothing is to be sent for a while. */
    synchronized void holdBack(Duration duration) {
        long until = System.nanoTime() + duration.toNanos();
        if (until - nextNanos > 0) {
            nextNanos = until;
        }
    }
}
