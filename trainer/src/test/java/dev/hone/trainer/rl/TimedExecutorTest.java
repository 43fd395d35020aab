package dev.hone.trainer.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TimedExecutorTest {

    private static final Duration SHORT = Duration.ofMillis(50);
    private static final Duration LONG = Duration.ofSeconds(60);

    /** Waits for ever, whoever interrupts. */
    private static String hang() {
        while (true) {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                // goes on
            }
        }
    }

    private static String get(Future<String> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    @Test
    void runsAsManyAtATimeAsAsked() throws Exception {
        TimedExecutor threads = new TimedExecutor("test", 3, LONG);
        CyclicBarrier together = new CyclicBarrier(3);
        AtomicInteger now = new AtomicInteger();
        List<Future<Integer>> most = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            most.add(threads.submit(
                    () -> {
                        now.incrementAndGet();
                        together.await(60, TimeUnit.SECONDS);
                        int atOnce = now.get();
                        together.await(60, TimeUnit.SECONDS);
                        now.decrementAndGet();
                        return atOnce;
                    },
                    () -> -1));
        }
        for (Future<Integer> one : most) {
            assertThat(one.get(60, TimeUnit.SECONDS)).isEqualTo(3);
        }
    }

    @Test
    void leavesBehindWhatHangsAndGoesOn() throws Exception {
        TimedExecutor threads = new TimedExecutor("test", 2, SHORT);
        List<Future<String>> hanging = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            hanging.add(threads.submit(TimedExecutorTest::hang, () -> "too late"));
        }
        Future<String> behind = threads.submit(() -> "done", () -> "too late");
        for (Future<String> one : hanging) {
            assertThat(get(one)).isEqualTo("too late");
        }
        assertThat(get(behind)).isEqualTo("done");
    }

    @Test
    void interruptsWhatIsLateAndKeepsItsThread() throws Exception {
        TimedExecutor threads = new TimedExecutor("test", 1, SHORT);
        CountDownLatch interrupted = new CountDownLatch(1);
        Future<String> late = threads.submit(
                () -> {
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                    }
                    return "in vain";
                },
                () -> "too late");
        assertThat(get(late)).isEqualTo("too late");
        assertThat(interrupted.await(60, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < 100; i++) {
            Future<String> next = threads.submit(() -> String.valueOf(Thread.interrupted()), () -> "too late");
            assertThat(get(next)).isEqualTo("false");
        }
    }

    @Test
    void goesOnWhereItCannotTellWhatIsLate() throws Exception {
        TimedExecutor threads = new TimedExecutor("test", 1, SHORT);
        Future<String> late = threads.submit(TimedExecutorTest::hang, () -> {
            throw new IllegalStateException("no result");
        });
        assertThatThrownBy(() -> get(late))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("no result");
        Future<String> next = threads.submit(TimedExecutorTest::hang, () -> "too late");
        assertThat(get(next)).isEqualTo("too late");
    }

    @Test
    void tellsWhatATaskThrew() {
        TimedExecutor threads = new TimedExecutor("test", 1, LONG);
        Future<String> failing = threads.submit(
                () -> {
                    throw new IllegalStateException("out of order");
                },
                () -> "too late");
        assertThatThrownBy(() -> get(failing))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("out of order");
    }
}
