package dev.hone.perf.harness;

import java.util.List;

/** One side's part of a row: the same arithmetic on the same numbers as the other side's. */
public interface Work extends AutoCloseable {

    /** Does the work once; what is timed. */
    void run();

    /**
     * Numbers that both sides must agree on, from work done before anything is timed: groups of like magnitude. {@link
     * #run} is called after this only.
     */
    List<double[]> check();

    @Override
    default void close() {}
}
