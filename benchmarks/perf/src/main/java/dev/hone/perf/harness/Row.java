package dev.hone.perf.harness;

import java.util.function.Supplier;

/**
 * One line of the results.
 *
 * @param name its group, a slash, what it measures
 * @param tokens of one run, for a rate; 0 where that says nothing
 * @param target how many times as fast as libtorch hone has to be; 0 where no target is set
 * @param memory whether peak memory is measured too, in processes of their own
 * @param tolerance by how much the two sides' numbers may differ, relative to the largest of their group
 * @param hone opens hone's work; called in hone's process only
 * @param libtorch opens libtorch's
 */
public record Row(
        String name,
        long tokens,
        double target,
        boolean memory,
        double tolerance,
        Supplier<Work> hone,
        Supplier<Work> libtorch) {

    /** What two ways to sum the same float32 numbers may differ by. */
    public static final double TOLERANCE = 1e-4;

    public String group() {
        return name.substring(0, name.indexOf('/'));
    }

    public Work open(Side side) {
        return (side == Side.HONE ? hone : libtorch).get();
    }
}
