package dev.hone.trainer.run;

import dev.hone.trainer.generate.GenerationProgress;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** How far a stretch of steps is: a bar with time left on a terminal, otherwise a line every few seconds. */
public final class Progress implements AutoCloseable {

    private static final long LINE_NANOS = Duration.ofSeconds(5).toNanos();
    private static final long TELL_NANOS = Duration.ofSeconds(5).toNanos();

    private final String task;
    private final long steps;
    private final Output output;
    private final @Nullable ProgressBar bar;
    private final long started = System.nanoTime();
    private final long first;
    private long lastLine = started;
    private long lastTold = started;
    private boolean ended;

    Progress(String task, long done, long steps, Output output) {
        this.task = task;
        this.steps = steps;
        this.output = output;
        this.first = done;
        this.bar = output.isTerminal() ? bar(task, done, steps) : null;
        output.listener().progressed(task, done, steps);
    }

    /** @param message what the step gave, such as "loss 1.23, 45,678 tokens/s" */
    public void step(long done, String message) {
        tell(done);
        if (bar != null) {
            bar.stepTo(done);
            bar.setExtraMessage(" " + message);
            return;
        }
        long now = System.nanoTime();
        if (now - lastLine >= LINE_NANOS || (done == steps && !ended)) {
            lastLine = now;
            ended = done == steps;
            double left = (now - started) / 1e9 / Math.max(1, done - first) * (steps - done);
            output.line(String.format(Locale.ROOT, "%s %d/%d: %s, %.0f s left", task, done, steps, message, left));
        }
    }

    private void tell(long done) {
        long now = System.nanoTime();
        if (now - lastTold >= TELL_NANOS) {
            lastTold = now;
            output.listener().progressed(task, done, steps);
        }
    }

    /** Counts a step a call, from any thread. */
    public Runnable counter(String message) {
        AtomicLong done = new AtomicLong(first);
        return () -> {
            synchronized (this) {
                step(done.incrementAndGet(), message);
            }
        };
    }

    /** A generation whose completions are the steps. {@code between} is called after each of its decoding steps. */
    public GenerationProgress generation(Runnable between) {
        return (done, total, tokens) -> {
            step(
                    first + done,
                    String.format(Locale.ROOT, "%,.0f tokens/s", tokens / ((System.nanoTime() - started) / 1e9)));
            between.run();
        };
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }

    private static ProgressBar bar(String task, long done, long steps) {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(steps)
                .startsFrom(done, Duration.ZERO)
                .setStyle(ProgressBarStyle.ASCII)
                .build();
    }
}
