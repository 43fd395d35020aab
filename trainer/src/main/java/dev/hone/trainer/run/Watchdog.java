package dev.hone.trainer.run;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Collectors;

/**
 * Notices a run that no longer goes on. Without a sign of life for {@code limit} it writes the stacks of all threads into
 * a file; after twice as long it does so again and ends the process with {@link ExitCode#HUNG}. It measures by a clock
 * that nobody sets.
 */
final class Watchdog implements AutoCloseable {

    /** Told of a run that hangs. */
    interface Listener {
        /**
         * @param stacks where the threads' stacks are
         * @param over whether the process now ends
         */
        void hung(Duration silence, Path stacks, boolean over);
    }

    private final Duration limit;
    private final Path directory;
    private final Listener listener;
    private final Thread thread = new Thread(this::watch, "watchdog");
    private volatile long last = System.nanoTime();

    /** @param directory where the stacks go, as {@code hung-1.txt}, {@code hung-2.txt} */
    Watchdog(Duration limit, Path directory, Listener listener) {
        this.limit = limit;
        this.directory = directory;
        this.listener = listener;
        thread.setDaemon(true);
        if (!limit.isZero()) {
            thread.start();
        }
    }

    /** The run goes on. */
    void alive() {
        last = System.nanoTime();
    }

    private void watch() {
        long pause = Math.max(1, Math.min(1000, limit.toMillis() / 10));
        boolean told = false;
        while (true) {
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                return;
            }
            Duration silence = Duration.ofNanos(System.nanoTime() - last);
            if (silence.compareTo(limit.multipliedBy(2)) >= 0) {
                listener.hung(silence, stacks(2, silence), true);
                Runtime.getRuntime().halt(ExitCode.HUNG);
            } else if (silence.compareTo(limit) < 0) {
                told = false;
            } else if (!told) {
                told = true;
                listener.hung(silence, stacks(1, silence), false);
            }
        }
    }

    private Path stacks(int number, Duration silence) {
        Path file = directory.resolve("hung-" + number + ".txt");
        long[] deadlocked = ManagementFactory.getThreadMXBean().findDeadlockedThreads();
        String text = "No sign of life for " + silence.toSeconds() + " s. Deadlocked threads: "
                + (deadlocked == null ? "none" : Arrays.toString(deadlocked))
                + "\n\n"
                + Arrays.stream(ManagementFactory.getThreadMXBean().dumpAllThreads(true, true))
                        .sorted(Comparator.comparing(ThreadInfo::getThreadId))
                        .map(Watchdog::described)
                        .collect(Collectors.joining("\n"));
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            // What cannot be kept in a file is at least said.
            System.err.println(text);
        }
        return file;
    }

    /** Whole, where {@link ThreadInfo#toString} stops after eight frames. */
    private static String described(ThreadInfo thread) {
        return "\"" + thread.getThreadName() + "\" " + thread.getThreadState()
                + (thread.getLockName() == null ? "" : " on " + thread.getLockName())
                + "\n"
                + Arrays.stream(thread.getStackTrace())
                        .map(frame -> "    at " + frame + "\n")
                        .collect(Collectors.joining());
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
