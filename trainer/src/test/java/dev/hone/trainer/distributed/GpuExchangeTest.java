package dev.hone.trainer.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import dev.hone.trainer.TestDevices;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

@Timeout(value = 1, unit = TimeUnit.MINUTES)
class GpuExchangeTest {

    private static final String EMULATED = "hone.cuda.library";

    @Test
    void saysWhyTensorsGoThroughTheHost() {
        GpuOffer first = new GpuOffer("a", "");

        assertThat(GpuOffer.obstacle(List.of(first, new GpuOffer("b", "")))).isEmpty();
        assertThat(GpuOffer.obstacle(List.of(first, new GpuOffer("b", ""), new GpuOffer("a", ""))))
                .isEqualTo("ranks 0 and 2 have one GPU");
        assertThat(GpuOffer.obstacle(List.of(first, new GpuOffer("", "has HONE_NCCL=0"))))
                .isEqualTo("rank 1 has HONE_NCCL=0");
    }

    @Test
    @EnabledIfSystemProperty(named = EMULATED, matches = ".+")
    void offersItsGpuUnlessSwitchedOff() {
        try (Device device = TestDevices.open("cuda")) {
            assertThat(GpuOffer.of(device, Map.of("HONE_NCCL", "0")).obstacle()).isEqualTo("has HONE_NCCL=0");
            assertThat(GpuOffer.of(device, Map.of()).gpu()).hasSize(32);
        }
    }

    @Test
    void saysWhatIsMissing() {
        Device without = (Device) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Device.class}, (proxy, method, args) -> {
                    if (method.getName().equals("collects")) {
                        return true;
                    }
                    throw new RuntimeException("libnccl.so.2 is not found");
                });

        assertThat(GpuOffer.of(without, Map.of()))
                .isEqualTo(new GpuOffer("", "cannot use NCCL: libnccl.so.2 is not found"));
    }

    @Test
    void goesThroughTheHostWithoutGpus() throws Exception {
        assertThat(Ranks.together(2, (rank, collective) -> way(collective, "cpu")))
                .containsOnly("gradients and weights go through the host's memory, because rank 0 computes on cpu");
    }

    @Test
    @EnabledIfSystemProperty(named = EMULATED, matches = ".+")
    void goesThroughTheHostWhereOneHasNoGpu() throws Exception {
        assertThat(Ranks.together(2, (rank, collective) -> way(collective, rank == 0 ? "cuda" : "cpu")))
                .containsOnly("gradients and weights go through the host's memory, because rank 1 computes on cpu");
    }

    /** Adds up as well. */
    private static String way(Collective collective, String name) {
        try (Device device = TestDevices.open(name)) {
            String way = collective.exchangeBy(device);
            assertThat(reduced(collective, device)).containsExactly(2, 4, 6);
            collective.closeExchange();
            return way;
        }
    }

    private static float[] reduced(Collective collective, Device device) {
        try (Arena arena = device.arena(1 << 12)) {
            Tensor x = arena.allocate(DType.F32, 3);
            device.write(new float[] {1, 2, 3}, x);
            collective.allReduce(x);
            float[] sums = new float[3];
            device.read(x, sums);
            return sums;
        }
    }

    /** The GPUs wait for one whose process has gone; what tells is the connection to it. */
    @Test
    @EnabledIfSystemProperty(named = EMULATED, matches = ".+")
    void tellsWhoWasLostAndWhy() throws Exception {
        assertThat(ending(1, collective -> {})).isEqualTo("rank 1 was lost (its connection ended)");
        assertThat(ending(1, collective -> collective.fail("the disk is full")))
                .isEqualTo("rank 1 ended: the disk is full");
        assertThat(ending(0, Collective::end)).isEqualTo("rank 0 ended the training");
    }

    private interface End {
        void of(Collective collective);
    }

    /** What the other of two processes is told that waits for a sum when this one ends. */
    private static String ending(int who, End end) throws Exception {
        return Ranks.together(2, (rank, collective) -> {
                    try (Device device = TestDevices.open("cuda")) {
                        collective.exchangeBy(device);
                        if (rank == who) {
                            Thread.sleep(100);
                            end.of(collective);
                            return "";
                        }
                        try {
                            return "has " + reduced(collective, device).length;
                        } catch (ProcessLost | TrainingEnded e) {
                            return String.valueOf(e.getMessage());
                        } finally {
                            collective.closeExchange();
                        }
                    }
                })
                .get(1 - who);
    }
}
