package dev.hone.perf.loading;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** Pages of this process that are no file's: a mapped file is not in memory twice. */
final class AnonymousMemory {

    private static final long EACH_MILLIS = 2;

    private AnonymousMemory() {}

    /** By how many bytes they grow at most while {@code work} runs, looked at every few milliseconds. */
    static long growthIn(Runnable work) {
        long before = bytes();
        AtomicLong most = new AtomicLong(before);
        AtomicBoolean done = new AtomicBoolean();
        Thread watch = new Thread(
                () -> {
                    while (!done.get()) {
                        most.accumulateAndGet(bytes(), Math::max);
                        try {
                            Thread.sleep(EACH_MILLIS);
                        } catch (InterruptedException e) {
                            return;
                        }
                    }
                },
                "memory");
        watch.start();
        work.run();
        done.set(true);
        try {
            watch.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Math.max(most.get(), bytes()) - before;
    }

    private static long bytes() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("RssAnon:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
