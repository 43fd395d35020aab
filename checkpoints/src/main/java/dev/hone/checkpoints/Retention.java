package dev.hone.checkpoints;

/**
 * Which checkpoints stay when a new one is saved.
 *
 * @param keepLast how many of the newest, at least 1
 * @param keepBest whether the one marked best stays as well
 */
public record Retention(int keepLast, boolean keepBest) {

    public Retention {
        if (keepLast < 1) {
            throw new CheckpointException(
                    "keepLast is " + keepLast + ", at least 1 expected; a run needs its newest checkpoint");
        }
    }
}
