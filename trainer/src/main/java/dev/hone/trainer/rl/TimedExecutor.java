package dev.hone.trainer.rl;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Runs so many tasks at a time, and gives up on one that takes longer than a limit: its thread is interrupted and left
 * behind, and another takes its place. A task costs no thread but the one it runs on.
 */
final class TimedExecutor {

    private final long limitNanos;
    private final long lookMillis;
    private final Map<Task<?>, Thread> running = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor threads;
    private final ScheduledThreadPoolExecutor watch;
    private final AtomicBoolean watched = new AtomicBoolean();

    TimedExecutor(String name, int count, Duration limit) {
        this.limitNanos = limit.toNanos();
        this.lookMillis = Math.min(Math.max(limit.toMillis() / 4, 1), 250);
        ThreadFactory daemons = task -> {
            Thread thread = new Thread(task, name);
            // One that hangs must not keep the process alive.
            thread.setDaemon(true);
            return thread;
        };
        this.threads = new ThreadPoolExecutor(
                count, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), daemons);
        threads.allowCoreThreadTimeOut(true);
        this.watch = new ScheduledThreadPoolExecutor(1, daemons);
        watch.setKeepAliveTime(1, TimeUnit.SECONDS);
        watch.allowCoreThreadTimeOut(true);
    }

    /** @param tooLate the result where the task takes longer than the limit */
    <T> Future<T> submit(Callable<T> task, Supplier<T> tooLate) {
        Task<T> timed = new Task<>(task, tooLate);
        threads.execute(timed);
        return timed;
    }

    private void look() {
        running.keySet().stream()
                .filter(task -> System.nanoTime() - task.started > limitNanos)
                .forEach(Task::giveUp);
        watched.set(false);
        watchWhatRuns();
    }

    private void watchWhatRuns() {
        if (!running.isEmpty() && watched.compareAndSet(false, true)) {
            watch.schedule(this::look, lookMillis, TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void addThreads(int count) {
        threads.setCorePoolSize(threads.getCorePoolSize() + count);
    }

    private final class Task<T> extends FutureTask<T> {
        private final Supplier<T> tooLate;
        private volatile long started;

        private Task(Callable<T> task, Supplier<T> tooLate) {
            super(task);
            this.tooLate = tooLate;
        }

        @Override
        public void run() {
            started = System.nanoTime();
            running.put(this, Thread.currentThread());
            watchWhatRuns();
            try {
                super.run();
            } finally {
                end();
            }
        }

        private void end() {
            boolean givenUp;
            synchronized (this) {
                givenUp = running.remove(this) == null;
            }
            if (givenUp) {
                addThreads(-1);
            }
        }

        private void giveUp() {
            // Not interrupted once it has ended: its thread may be at the next task.
            synchronized (this) {
                Thread thread = running.remove(this);
                if (thread == null) {
                    return;
                }
                try {
                    set(tooLate.get());
                } catch (RuntimeException e) {
                    setException(e);
                }
                thread.interrupt();
            }
            addThreads(1);
        }
    }
}
