package dev.hone.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Devices;
import dev.hone.kernels.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointWriterTest {

    @TempDir
    Path directory;

    @Test
    void savesOneAtATimeWhileTheCallerGoesOn() throws Exception {
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicInteger atOnce = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (CheckpointWriter writer = new CheckpointWriter()) {
            writer.start(() -> {
                most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                try {
                    mayEnd.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                atOnce.decrementAndGet();
            });
            assertThat(writer.isIdle()).isFalse();
            Thread releaser = new Thread(mayEnd::countDown);
            releaser.start();
            for (int i = 0; i < 3; i++) {
                writer.start(() -> {
                    most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                    atOnce.decrementAndGet();
                });
            }
            writer.await();
            releaser.join();
        }
        assertThat(most).hasValue(1);
    }

    @Test
    void whatFailsIsThrownOnceAtTheNextCheckpoint() throws Exception {
        CheckpointStore store = new CheckpointStore(
                Files.writeString(directory.resolve("file"), "").resolve("checkpoints"), Retention.last(1));
        try (CheckpointWriter writer = new CheckpointWriter()) {
            writer.start(() -> store.save(1, CheckpointStoreTest.contents(1)));

            assertThatExceptionOfType(CheckpointException.class)
                    .isThrownBy(() -> writer.start(() -> {}))
                    .withMessageContaining("choose a directory you may write to");
            writer.check();
        }
    }

    @Test
    void aCopyStaysAsItWasAndWritesTheSameFile() throws Exception {
        try (Device device = Devices.open("nd4j");
                Arena arena = device.arena(1 << 20);
                HostCopy copy = new HostCopy()) {
            Tensor whole = arena.allocate(DType.F32, 6, 5);
            device.write(
                    new float[] {
                        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
                        27, 28, 29, 30
                    },
                    whole);
            // Rows apart: three of each five.
            Tensor spaced = whole.columns(1, 4);
            Map<String, Tensor> tensors = Map.of("whole", whole, "spaced", spaced);
            SafetensorsWriter.write(directory.resolve("live"), tensors, Map.of());

            Map<String, TensorValues> copied = copy.of(TensorValues.of(tensors));
            device.zero(whole);
            SafetensorsWriter.writeValues(directory.resolve("copied"), copied, Map.of());

            assertThat(directory.resolve("copied")).hasSameBinaryContentAs(directory.resolve("live"));
            SafetensorsWriter.write(directory.resolve("live"), tensors, Map.of());
            SafetensorsWriter.writeValues(directory.resolve("copied"), copy.of(TensorValues.of(tensors)), Map.of());
            assertThat(directory.resolve("copied")).hasSameBinaryContentAs(directory.resolve("live"));
        }
    }

    @Test
    void givesWayToThoseThatTrain() throws Exception {
        long callers = niceness();
        AtomicLong writers = new AtomicLong();
        try (CheckpointWriter writer = new CheckpointWriter()) {
            writer.start(() -> writers.set(niceness()));
        }
        assertThat(writers.get()).isEqualTo(Math.min(callers + 3, 19));
        assertThat(niceness()).isEqualTo(callers);
    }

    /** Of the calling thread; proc(5), /proc/pid/stat: the nineteenth field, the second of which is a name in brackets. */
    private static long niceness() {
        try {
            String stat = Files.readString(Path.of("/proc/thread-self/stat"));
            return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[16]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
