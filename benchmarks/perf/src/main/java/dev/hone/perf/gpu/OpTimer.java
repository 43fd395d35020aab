package dev.hone.perf.gpu;

import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;

/** Times calls of an operation, the last-level cache overwritten before each. */
final class OpTimer implements AutoCloseable {

    /** So many that the host has asked for a call before they are written, and its own time does not count. */
    private static final long FLUSH_BYTES = 512 << 20;

    private static final int WARM_UPS = 2;

    private final Device device;
    private final Lab lab;
    private final Tensor flush;

    /** @param shrink divides the bytes that overwrite the cache, for a trial run on a slower device */
    OpTimer(Device device, int shrink) {
        this.device = device;
        this.lab = new Lab(device, FLUSH_BYTES / shrink);
        this.flush = lab.zeros(DType.F32, FLUSH_BYTES / 4 / shrink);
    }

    /** Seconds of the device: of each call behind one that overwrites the cache, less those of that one alone. */
    double[] seconds(Runnable call, int calls) {
        double[] seconds = new double[calls];
        for (int i = -WARM_UPS; i < calls; i++) {
            double alone = wall(() -> device.zero(flush));
            double both = wall(() -> {
                device.zero(flush);
                call.run();
            });
            if (i >= 0) {
                seconds[i] = both - alone;
            }
        }
        return seconds;
    }

    private double wall(Runnable work) {
        device.synchronize();
        long start = System.nanoTime();
        work.run();
        device.synchronize();
        return (System.nanoTime() - start) / 1e9;
    }

    @Override
    public void close() {
        lab.close();
    }
}
