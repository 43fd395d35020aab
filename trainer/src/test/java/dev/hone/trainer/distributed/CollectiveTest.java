package dev.hone.trainer.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import dev.hone.trainer.TestDevices;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 1, unit = TimeUnit.MINUTES)
class CollectiveTest {

    private static final int CHUNK = 1 << 20;

    @Test
    void addsUpInTheOrderOfRanks() throws Exception {
        // The order matters: (1e8 + 1) - 1e8 is 0 in floats, (1e8 - 1e8) + 1 is 1.
        float[][] parts = {{1e8f, 1, 0.1f}, {1, -1, 0.2f}, {-1e8f, 2, 0.3f}};

        List<float[]> sums = Ranks.together(3, (rank, collective) -> reduced(collective, parts[rank]));

        float[] expected = {(1e8f + 1) - 1e8f, 2, (0.1f + 0.2f) + 0.3f};
        assertThat(sums).allSatisfy(sum -> assertThat(sum).containsExactly(expected));
    }

    @Test
    void addsUpWhatIsLongerThanAChunk() throws Exception {
        int size = 2 * CHUNK + 3;
        float[][] parts = new float[2][size];
        for (int i = 0; i < size; i++) {
            parts[0][i] = i % 1000;
            parts[1][i] = 1;
        }

        List<float[]> sums = Ranks.together(2, (rank, collective) -> reduced(collective, parts[rank].clone()));

        for (float[] sum : sums) {
            for (int i = 0; i < size; i += 997) {
                assertThat(sum[i]).isEqualTo(i % 1000 + 1);
            }
            assertThat(sum[size - 1]).isEqualTo((size - 1) % 1000 + 1);
        }
    }

    private static float[] reduced(Collective collective, float[] values) {
        return on(values, collective::allReduce);
    }

    private static float[] on(float[] values, Consumer<Tensor> work) {
        try (Device device = TestDevices.open("cpu");
                Arena arena = device.arena(Arena.bytes(DType.F32, values.length))) {
            Tensor tensor = arena.allocate(DType.F32, values.length);
            device.write(values, tensor);
            work.accept(tensor);
            float[] after = new float[values.length];
            device.read(tensor, after);
            return after;
        }
    }

    @Test
    void givesAllWhatRankZeroHas() throws Exception {
        List<float[]> got =
                Ranks.together(3, (rank, collective) -> on(new float[] {rank, rank + 10}, collective::broadcast));

        assertThat(got).allSatisfy(values -> assertThat(values).containsExactly(0, 10));
    }

    /** Of any type: moments in 8 bits, halves of weights. */
    @Test
    void givesAllTheBytesThatRankZeroHas() throws Exception {
        List<Integer> got = Ranks.together(3, (rank, collective) -> {
            try (Device device = TestDevices.open("cpu");
                    Arena arena = device.arena(1 << 12)) {
                Tensor codes = arena.allocate(DType.U8, 300);
                ByteBuffer bytes = ByteBuffer.allocateDirect(300);
                for (int i = 0; i < 300; i++) {
                    bytes.put(i, (byte) (rank == 0 ? 7 * i : rank));
                }
                device.write(bytes, codes);
                collective.broadcast(codes);
                device.read(codes, bytes);
                int same = 0;
                for (int i = 0; i < 300; i++) {
                    same += bytes.get(i) == (byte) (7 * i) ? 1 : 0;
                }
                return same;
            }
        });

        assertThat(got).containsExactly(300, 300, 300);
    }

    @Test
    void handsOutAndCollects() throws Exception {
        List<String> got = Ranks.together(3, (rank, collective) -> {
            List<byte[]> parts = rank == 0 ? List.of(text("a"), text("b"), text("c")) : List.of();
            String part = new String(collective.scatter(parts), StandardCharsets.UTF_8);
            List<byte[]> all = collective.gather(text(part + rank));
            return all.stream()
                            .map(one -> new String(one, StandardCharsets.UTF_8))
                            .toList()
                    + part;
        });

        assertThat(got).containsExactly("[a0, b1, c2]a", "[]b", "[]c");
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void tellsWhoWasLostAndWhy() throws Exception {
        List<String> left = Ranks.together(
                3, (rank, collective) -> rank == 1 ? "left" : message(() -> collective.gather(new byte[0])));
        assertThat(left.get(0)).isEqualTo("rank 1 was lost (its connection ended)");

        List<String> failed = Ranks.together(2, (rank, collective) -> {
            if (rank == 1) {
                collective.fail("the disk is full");
            }
            return message(() -> collective.gather(new byte[0]));
        });
        assertThat(failed.get(0)).isEqualTo("rank 1 ended: the disk is full");
    }

    private static String message(Callable<?> work) throws Exception {
        try {
            return "none but " + work.call();
        } catch (ProcessLost e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void passesASignalOnWhileRankZeroWaits() throws Exception {
        AtomicInteger came = new AtomicInteger();

        Ranks.together(2, (rank, collective) -> {
            if (rank == 0) {
                collective.onStop(came::set);
            } else {
                collective.sendStop(15);
            }
            return collective.gather(new byte[0]);
        });

        assertThat(came).hasValue(15);
    }

    @Test
    void endsTheOthersWithIt() throws Exception {
        List<String> ended = Ranks.together(2, (rank, collective) -> {
            if (rank == 0) {
                collective.end();
                return "";
            }
            try {
                collective.scatter(List.of());
                return "went on";
            } catch (TrainingEnded e) {
                return "ended";
            }
        });

        assertThat(ended.get(1)).isEqualTo("ended");
    }

    @Test
    void refusesWhoDoesNotBelongToTheTraining() throws Exception {
        assertThat(refusal(Ranks.member(1, 2, 0, "other"))).contains("another run");
        assertThat(refusal(Ranks.member(1, 3, 0, "id"))).contains("its WORLD_SIZE is 3 and that of rank 0 is 2");
        assertThat(refusal(Ranks.member(0, 2, 0, "id"))).contains("there is another rank 0");
    }

    /** What a process is told that comes to a training of two with the id "id". */
    private static String refusal(Membership stranger) throws Exception {
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (ServerSocket socket = Rendezvous.listen(Ranks.HERE, 0)) {
            int port = socket.getLocalPort();
            Future<?> leader = threads.submit(
                    () -> Rendezvous.await(socket, Ranks.member(0, 2, port, "id"), Duration.ofSeconds(1), () -> {}));
            Membership there =
                    new Membership(stranger.rank(), stranger.worldSize(), 0, 1, Ranks.HERE, port, stranger.runId());
            String said = "";
            try {
                Rendezvous.join(there, Ranks.PATIENCE);
            } catch (UserError e) {
                said = String.valueOf(e.getMessage());
            }
            assertThatThrownBy(leader::get)
                    .hasCauseInstanceOf(ProcessLost.class)
                    .hasMessageContaining("Only 1 of 2 processes came within 1 s; one was refused because");
            return said;
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void saysWhereRankZeroWasLookedFor() throws Exception {
        int free;
        try (ServerSocket socket = Rendezvous.listen(Ranks.HERE, 0)) {
            free = socket.getLocalPort();
        }
        assertThatThrownBy(() -> Rendezvous.join(Ranks.member(1, 2, free, ""), Duration.ofMillis(1)))
                .isInstanceOf(ProcessLost.class)
                .hasMessageContaining("rank 0 is not at 127.0.0.1:" + free);
    }
}
