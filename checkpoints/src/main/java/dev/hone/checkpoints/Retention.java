package dev.hone.checkpoints;

import org.jspecify.annotations.Nullable;

/**
 * Which checkpoints stay when a new one is saved: the newest, those of certain steps, the best, and the one being resumed.
 *
 * @param keepLast how many of the newest, at least 1
 * @param keepEvery those whose step is a multiple of this stay; 0: none for that
 * @param best what makes one the best; null: the one marked so
 */
public record Retention(
        int keepLast, long keepEvery, @Nullable Best best) {

    /**
     * A metric that checkpoints are compared by.
     *
     * @param greater whether more is better
     */
    public record Best(String metric, boolean greater) {}

    public Retention {
        if (keepLast < 1) {
            throw new CheckpointException(
                    "keepLast is " + keepLast + ", at least 1 expected; a run needs its newest checkpoint");
        }
        if (keepEvery < 0) {
            throw new CheckpointException("keepEvery is " + keepEvery + ", 0 or more expected");
        }
    }

    /** The newest, and the one marked best. */
    public static Retention last(int keepLast) {
        return new Retention(keepLast, 0, null);
    }
}
