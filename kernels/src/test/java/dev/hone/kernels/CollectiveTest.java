package dev.hone.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Emulated GPUs, as threads that have one each. */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
@EnabledIfSystemProperty(named = "hone.cuda.library", matches = ".+")
class CollectiveTest {

    private static final int CHUNK = 16 << 20;

    private interface Work<T> {
        T of(Device device, int rank) throws Exception;
    }

    private static <T> List<T> together(int size, Work<T> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(size);
        CompletableFuture<byte[]> id = new CompletableFuture<>();
        try {
            List<Future<T>> results = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                int rank = i;
                results.add(threads.submit(() -> {
                    try (Device device = Devices.open("cuda")) {
                        device.collectiveMember();
                        if (rank == 0) {
                            id.complete(device.newCollectiveId());
                        }
                        device.joinCollective(id.get(), rank, size);
                        try {
                            return work.of(device, rank);
                        } finally {
                            device.leaveCollective();
                        }
                    }
                }));
            }
            List<T> all = new ArrayList<>();
            for (Future<T> result : results) {
                all.add(result.get());
            }
            return all;
        } finally {
            threads.shutdownNow();
        }
    }

    /** What a rank has: numbers whose sum depends on the order that they are added in. */
    private static float[] numbers(int rank, int n) {
        SplittableRandom random = new SplittableRandom(rank);
        float[] numbers = new float[n];
        for (int i = 0; i < n; i++) {
            numbers[i] = (float) Math.scalb(random.nextDouble() - 0.5, random.nextInt(30));
        }
        return numbers;
    }

    private static float[] summed(int size, int n) {
        float[] sums = numbers(0, n);
        for (int rank = 1; rank < size; rank++) {
            float[] more = numbers(rank, n);
            for (int i = 0; i < n; i++) {
                sums[i] += more[i];
            }
        }
        return sums;
    }

    private static float[] reduced(Device device, float[] values) {
        try (Arena arena = device.arena(Arena.bytes(DType.F32, values.length))) {
            Tensor x = arena.allocate(DType.F32, values.length);
            device.write(values, x);
            device.allReduce(x);
            float[] sums = new float[values.length];
            device.read(x, sums);
            return sums;
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 10", "2, 1", "2, 1001", "3, 2", "3, 3000", "3, 3017", "4, 4099"})
    void addsUpInTheOrderOfRanks(int size, int n) throws Exception {
        List<float[]> got = together(size, (device, rank) -> reduced(device, numbers(rank, n)));

        float[] expected = summed(size, n);
        assertThat(got).allSatisfy(sums -> assertThat(sums).containsExactly(expected));
    }

    @Test
    void addsUpWhatIsLongerThanAChunk() throws Exception {
        int n = CHUNK + 5;

        List<float[]> got = together(2, (device, rank) -> reduced(device, numbers(rank, n)));

        float[] expected = summed(2, n);
        assertThat(got).allSatisfy(sums -> assertThat(sums).isEqualTo(expected));
    }

    /** The sum is that of what operations before it in the stream have made, and others after it find it. */
    @Test
    void isDoneInItsTurn() throws Exception {
        List<float[]> got = together(2, (device, rank) -> {
            try (Arena arena = device.arena(1 << 12)) {
                Tensor x = arena.allocate(DType.F32, 5);
                device.write(new float[] {1, 2, 3, 4, 5}, x);
                device.scale(x, rank + 1, x);
                device.allReduce(x);
                device.scale(x, 10, x);
                float[] sums = new float[5];
                device.read(x, sums);
                return sums;
            }
        });

        assertThat(got).allSatisfy(sums -> assertThat(sums).containsExactly(30, 60, 90, 120, 150));
    }

    @Test
    void givesAllTheBytesOfRankZero() throws Exception {
        List<ByteBuffer> got = together(3, (device, rank) -> {
            try (Arena arena = device.arena(1 << 12)) {
                Tensor codes = arena.allocate(DType.U8, 301);
                ByteBuffer bytes = ByteBuffer.allocateDirect(301);
                for (int i = 0; i < 301; i++) {
                    bytes.put(i, (byte) ((rank + 1) * i));
                }
                device.write(bytes, codes);
                device.broadcastBytes(codes);
                device.read(codes, bytes);
                return bytes;
            }
        });

        for (ByteBuffer bytes : got) {
            for (int i = 0; i < 301; i++) {
                assertThat(bytes.get(i)).isEqualTo((byte) i);
            }
        }
    }

    /** The other is there at first and then no more. */
    @Test
    void endsAWaitForWhoIsLost() throws Exception {
        CompletableFuture<Device> waiting = new CompletableFuture<>();
        List<String> got = together(2, (device, rank) -> {
            if (rank == 1) {
                Thread.sleep(100);
                waiting.get().leaveCollective();
                return "left";
            }
            waiting.complete(device);
            try {
                return "has " + reduced(device, new float[10]).length;
            } catch (RuntimeException e) {
                return String.valueOf(e.getMessage());
            }
        });

        assertThat(got).containsExactly("this process has left the others", "left");
    }

    /** Of the emulator, which would find such a fault of ours. */
    @Test
    void findsThatProcessesAskForDifferentThings() throws Exception {
        List<String> got = together(2, (device, rank) -> {
            try (Arena arena = device.arena(1 << 12)) {
                device.broadcastBytes(arena.allocate(DType.F32, rank == 0 ? 5 : 7));
                return "done";
            } catch (RuntimeException e) {
                return String.valueOf(e.getMessage());
            }
        });

        assertThat(got)
                .containsExactly(
                        "done", "the GPU failed at broadcast_bytes: a rank receives 28 bytes and rank 0 sends it 20");
    }

    @Test
    void refusesWhatItCannotAddUp() throws Exception {
        together(1, (device, rank) -> {
            try (Arena arena = device.arena(1 << 12)) {
                Tensor halves = arena.allocate(DType.BF16, 4);
                assertThatThrownBy(() -> device.allReduce(halves))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("allReduce");
                return "";
            }
        });
    }
}
