package dev.hone.kernels;

/**
 * One block of device memory, handed out from front to back and given back whole. A run plans its buffers once in an
 * arena; nothing is allocated inside a step.
 */
public final class Arena implements AutoCloseable {

    /** What each tensor's start is aligned to, in bytes: a cache line pair, and CUDA's widest access. */
    public static final long ALIGNMENT = 256;

    private final Device device;
    private final long capacity;
    private long address;
    private long used;

    /** For devices: an arena over a block that {@link Device#release} takes back. */
    public Arena(Device device, long address, long capacity) {
        this.device = device;
        this.address = address;
        this.capacity = capacity;
    }

    /** A zero-filled tensor. Throws {@link OutOfMemoryError} naming both sizes when the arena is full. */
    public Tensor allocate(DType dtype, long... shape) {
        Tensor tensor = Tensor.at(device, dtype, address + used, shape);
        long bytes = aligned(tensor.bytes());
        if (used + bytes > capacity) {
            throw new OutOfMemoryError("The arena on " + device.name() + " has " + (capacity - used) + " of " + capacity
                    + " bytes left, " + bytes + " were asked for");
        }
        used += bytes;
        device.zero(tensor);
        return tensor;
    }

    /** Bytes that {@link #allocate} takes for a tensor of this shape. */
    public static long bytes(DType dtype, long... shape) {
        long bytes = dtype.bytes();
        for (long dimension : shape) {
            bytes = Math.multiplyExact(bytes, dimension);
        }
        return aligned(bytes);
    }

    public long used() {
        return used;
    }

    public long capacity() {
        return capacity;
    }

    @Override
    public void close() {
        if (address != 0) {
            device.release(address);
            address = 0;
        }
    }

    private static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
