package dev.hone.trainer.run;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Notes every {@value #SECONDS} seconds what a run takes of its machine, and so that it is alive. */
final class SystemEvents implements AutoCloseable {

    static final int SECONDS = 15;

    private static final Logger LOG = LoggerFactory.getLogger(SystemEvents.class);

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "hone-system-events");
        thread.setDaemon(true);
        return thread;
    });

    SystemEvents(Path run, Consumer<Map<String, ?>> sink) {
        SystemUse use = new SystemUse(run);
        timer.scheduleWithFixedDelay(
                () -> {
                    try {
                        sink.accept(use.sample());
                    } catch (RuntimeException e) {
                        // What it is about, such as a full disk, stops the training thread with a sentence.
                        LOG.debug("A measurement is lost", e);
                    }
                },
                2,
                SECONDS,
                TimeUnit.SECONDS);
    }

    /** After this nothing is noted any more. */
    @Override
    public void close() {
        timer.shutdown();
        try {
            if (!timer.awaitTermination(5, TimeUnit.SECONDS)) {
                timer.shutdownNow();
            }
        } catch (InterruptedException e) {
            timer.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
