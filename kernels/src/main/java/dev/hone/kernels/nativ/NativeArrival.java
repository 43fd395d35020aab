package dev.hone.kernels.nativ;

import dev.hone.kernels.Device.Arrival;
import dev.hone.kernels.Tensor;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;

/** A copy to the host that the library holds until it is ended; on {@code cuda} in pinned memory. */
final class NativeArrival implements Arrival {

    private final Kernels kernels;
    private final long size;
    private long copy;

    /** Begins it. */
    NativeArrival(Kernels kernels, Tensor from) {
        this.kernels = kernels;
        this.size = from.size();
        this.copy = kernels.begin_copy_to_host(from.address(), from.bytes());
    }

    @Override
    public void await(int[] to) {
        requireRoom(to.length);
        try (IntPointer arrived = new IntPointer(size)) {
            end(arrived.address());
            arrived.get(to);
        }
    }

    @Override
    public void await(float[] to) {
        requireRoom(to.length);
        try (FloatPointer arrived = new FloatPointer(size)) {
            end(arrived.address());
            arrived.get(to);
        }
    }

    private void requireRoom(int length) {
        if (copy == 0) {
            throw new IllegalStateException("The numbers were awaited before");
        }
        if (length != size) {
            throw new IllegalArgumentException(size + " numbers arrive, there is room for " + length);
        }
    }

    @Override
    public void close() {
        if (copy != 0) {
            end(0);
        }
    }

    private void end(long host) {
        long ended = copy;
        copy = 0;
        kernels.end_copy_to_host(ended, host);
    }
}
