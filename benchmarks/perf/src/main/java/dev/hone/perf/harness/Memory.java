package dev.hone.perf.harness;

/**
 * Peak resident bytes of a process.
 *
 * @param base of one that has only loaded its libraries and computed next to nothing
 * @param peak of one that did the row's work
 */
public record Memory(long base, long peak) {

    /** What the work itself took. */
    public long work() {
        return peak - base;
    }
}
