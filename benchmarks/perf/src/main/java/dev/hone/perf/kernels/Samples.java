package dev.hone.perf.kernels;

import java.util.stream.LongStream;

/** Which elements of a result are compared. */
final class Samples {

    private static final int COUNT = 16;

    private Samples() {}

    /** Places spread over {@code size} elements, the first and the last among them. */
    static long[] places(long size) {
        return LongStream.range(0, COUNT).map(i -> i * (size - 1) / (COUNT - 1)).toArray();
    }
}
