package dev.hone.kernels.nativ;

import dev.hone.kernels.Device.Recording;

/** A recording that the library holds: on {@code cuda} a CUDA graph. */
final class NativeRecording implements Recording {

    private final Kernels kernels;
    private long address;

    NativeRecording(Kernels kernels, long address) {
        this.kernels = kernels;
        this.address = address;
    }

    @Override
    public void replay() {
        if (address == 0) {
            throw new IllegalStateException("The recording is closed");
        }
        kernels.replay(address);
    }

    @Override
    public void close() {
        if (address != 0) {
            kernels.release_recording(address);
            address = 0;
        }
    }
}
