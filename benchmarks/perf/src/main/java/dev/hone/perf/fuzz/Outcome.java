package dev.hone.perf.fuzz;

import java.util.List;
import java.util.Locale;

/**
 * What a parser did with a series of inputs.
 *
 * @param accepted inputs that were read
 * @param refused inputs that were refused in a sentence
 * @param faults anything else that was thrown, and inputs that took too long; each with the number that repeats it
 * @param slowestMillis of one input
 * @param mostAllocated bytes allocated for one input, collected or not
 * @param peakHeap the most of the heap that was in use at once, garbage not yet collected included
 * @param heapAfter bytes of the heap in use at the end, after a collection
 * @param seconds of them all
 */
record Outcome(
        String target,
        long seed,
        long inputs,
        long accepted,
        long refused,
        List<String> faults,
        double slowestMillis,
        long mostAllocated,
        long heapBefore,
        long peakHeap,
        long heapAfter,
        double seconds) {

    static final String HEAD = """
            | parser | inputs | seed | read | refused | faults | slowest | most allocated for one | heap before, peak, after | inputs/s |
            | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |""";

    String row() {
        return String.format(
                Locale.ROOT,
                "| %s | %,d | %d | %,d | %,d | %d | %,.0f ms | %,.1f MiB | %.0f, %.0f, %.0f MiB | %,.0f |",
                target,
                inputs,
                seed,
                accepted,
                refused,
                faults.size(),
                slowestMillis,
                mostAllocated / 1048576.0,
                heapBefore / 1048576.0,
                peakHeap / 1048576.0,
                heapAfter / 1048576.0,
                inputs / seconds);
    }
}
