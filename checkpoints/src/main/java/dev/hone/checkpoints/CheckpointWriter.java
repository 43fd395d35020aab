package dev.hone.checkpoints;

import dev.hone.kernels.nativ.NativeThread;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Saves in a thread of its own, one checkpoint at a time, which gives way to those that train. What fails there is thrown
 * where the next checkpoint is asked for, or waited for.
 */
public final class CheckpointWriter implements AutoCloseable {

    private final ExecutorService thread = Executors.newSingleThreadExecutor(work -> {
        Thread writer = new Thread(
                () -> {
                    // Not by more: where all processors train, a save has to end before the next one begins.
                    NativeThread.lowerPriority();
                    work.run();
                },
                "checkpoint");
        writer.setDaemon(true);
        return writer;
    });

    private @Nullable Future<?> underWay;

    /** Starts to save; first waits for the checkpoint before, and throws what became of it if it failed. */
    public void start(Runnable saving) {
        await();
        underWay = thread.submit(saving);
    }

    /** Whether what was started is done, well or not. */
    public boolean isIdle() {
        return underWay == null || underWay.isDone();
    }

    /** Waits until the checkpoint under way is saved, and throws what became of it if it failed. */
    public void await() {
        Future<?> saving = underWay;
        if (saving == null) {
            return;
        }
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    saving.get();
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw failure(e.getCause());
                }
            }
        } finally {
            underWay = null;
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Throws what became of the checkpoint under way if it has failed; does not wait. */
    public void check() {
        if (isIdle()) {
            await();
        }
    }

    private static RuntimeException failure(@Nullable Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
    }

    /** Waits for the checkpoint under way; what fails is thrown. */
    @Override
    public void close() {
        try {
            await();
        } finally {
            thread.shutdown();
        }
    }
}
