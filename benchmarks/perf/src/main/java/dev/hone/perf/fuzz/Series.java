package dev.hone.perf.fuzz;

import com.sun.management.ThreadMXBean;
import dev.hone.checkpoints.CheckpointException;
import dev.hone.datasets.UserError;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Feeds a parser one damaged input after the other. It may read it or refuse it in a sentence, and nothing else. */
final class Series {

    /** Beyond this an input hangs; a template has 20 s by its own bound. */
    private static final Duration HANGING = Duration.ofSeconds(30);

    private static final int MOST_FAULTS = 20;
    private static final int WARM_UP = 200;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Series() {}

    /**
     * @param first number of the first input
     * @param progress is told after each input how many there were
     */
    static Outcome run(Target target, long seed, long first, long inputs, LongConsumer progress) {
        Mutator mutator = new Mutator(target.seeds(), target.words(), target.longest(), seed);
        for (int i = 0; i < Math.min(WARM_UP, inputs / 2); i++) {
            parse(target, mutator.input(-1 - i));
        }
        long heapBefore = usedHeap();
        ManagementFactory.getMemoryPoolMXBeans().forEach(MemoryPoolMXBean::resetPeakUsage);
        long accepted = 0;
        long refused = 0;
        long mostAllocated = 0;
        double slowest = 0;
        List<String> faults = new ArrayList<>();
        long started = System.nanoTime();
        for (long number = first; number < first + inputs && faults.size() < MOST_FAULTS; number++) {
            byte[] input = mutator.input(number);
            long allocated = THREADS.getCurrentThreadAllocatedBytes();
            long start = System.nanoTime();
            Throwable thrown = parse(target, input);
            double millis = (System.nanoTime() - start) / 1e6;
            mostAllocated = Math.max(mostAllocated, THREADS.getCurrentThreadAllocatedBytes() - allocated);
            slowest = Math.max(slowest, millis);
            if (thrown == null) {
                accepted++;
            } else if (isRefusal(thrown)) {
                refused++;
            } else {
                faults.add("input " + number + ": " + described(thrown));
            }
            if (millis > HANGING.toMillis()) {
                faults.add("input " + number + ": took " + (long) millis + " ms");
            }
            progress.accept(number - first + 1);
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        long peakHeap = peakHeap();
        return new Outcome(
                target.name(),
                seed,
                inputs,
                accepted,
                refused,
                List.copyOf(faults),
                slowest,
                mostAllocated,
                heapBefore,
                peakHeap,
                usedHeap(),
                seconds);
    }

    /** What was thrown; null where the input was read. */
    private static @Nullable Throwable parse(Target target, byte[] input) {
        try {
            target.parser().parse(input);
            return null;
        } catch (Throwable e) {
            // Errors too: a stack overflow is what deep nesting would give.
            return e;
        }
    }

    /** A sentence, and not a page. */
    private static boolean isRefusal(Throwable thrown) {
        String message = String.valueOf(thrown.getMessage());
        return (thrown instanceof UserError || thrown instanceof CheckpointException)
                && !message.isBlank()
                && message.length() < 2000;
    }

    private static String described(Throwable thrown) {
        String message = String.valueOf(thrown.getMessage());
        StackTraceElement[] stack = thrown.getStackTrace();
        return thrown.getClass().getName() + ": " + message.substring(0, Math.min(200, message.length()))
                + Arrays.stream(stack).limit(12).map(at -> "\n    at " + at).collect(Collectors.joining());
    }

    /** The pools' peaks need not fall together: at most this. */
    private static long peakHeap() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(pool -> pool.getPeakUsage().getUsed())
                .sum();
    }

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
