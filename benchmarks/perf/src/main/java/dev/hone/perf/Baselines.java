package dev.hone.perf;

import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Devices;
import dev.hone.kernels.Tensor;
import dev.hone.perf.harness.Side;
import dev.hone.perf.harness.Work;
import dev.hone.perf.torch.Torch;
import java.util.List;
import org.bytedeco.pytorch.global.torch;

/** Next to no work, which loads each side's libraries: what a process costs before it does anything. */
final class Baselines {

    static final String NAME = "baseline";

    private static final int SIZE = 64;

    private Baselines() {}

    static Work open(Side side) {
        return new Work() {
            @Override
            public List<double[]> check() {
                if (side == Side.HONE) {
                    hone();
                } else {
                    libtorch();
                }
                return List.of(new double[1]);
            }

            @Override
            public void run() {}
        };
    }

    private static void hone() {
        try (Device device = Devices.open("cpu");
                var arena = device.arena(1 << 20)) {
            Tensor a = arena.allocate(DType.F32, SIZE, SIZE);
            Tensor c = arena.allocate(DType.F32, SIZE, SIZE);
            device.zero(a);
            device.matmul(a, false, a, true, null, c, false);
        }
    }

    private static void libtorch() {
        Torch.start();
        var a = Torch.zeros(SIZE, SIZE).requires_grad_(true);
        torch.linear(a, a).sum().backward();
    }
}
