package dev.hone.kernels;

/** A device's memory is short; the message says what was asked for and what there is. */
public final class DeviceOutOfMemory extends OutOfMemoryError {
    private static final long serialVersionUID = 1;

    public DeviceOutOfMemory(String message) {
        super(message);
    }
}
