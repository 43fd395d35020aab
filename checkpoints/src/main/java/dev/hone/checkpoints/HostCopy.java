package dev.hone.checkpoints;

import dev.hone.kernels.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.jspecify.annotations.Nullable;

/**
 * Tensors as they were at one moment, in the host's memory, so that another thread can write them to files while the
 * device goes on. The memory is kept from copy to copy: a new copy takes the place of the one before.
 */
public final class HostCopy implements AutoCloseable {

    /** Bytes that leave a device at a time; a buffer's index is an int. */
    private static final long PIECE = 1L << 28;

    private final Map<String, BytePointer> memory = new LinkedHashMap<>();

    private record Copied(long[] shape, DType dtype, BytePointer memory) implements TensorValues {

        @Override
        public void read(long begin, ByteBuffer to) {
            to.put(buffer(memory, begin * dtype.bytes(), to.remaining()));
        }
    }

    /**
     * Copies the values. What an earlier call returned is no longer theirs.
     *
     * @throws OutOfMemoryError when the host's memory is short
     */
    public Map<String, TensorValues> of(Map<String, ? extends TensorValues> values) {
        Map<String, TensorValues> copies = new LinkedHashMap<>();
        values.forEach((name, from) -> copies.put(name, copy(name, from)));
        return copies;
    }

    private TensorValues copy(String name, TensorValues from) {
        long bytes = from.size() * from.dtype().bytes();
        BytePointer to = memory.get(name);
        if (to == null || to.capacity() != bytes) {
            free(to);
            memory.remove(name);
            to = new BytePointer(bytes);
            memory.put(name, to);
        }
        for (long done = 0; done < bytes; done += PIECE) {
            from.read(done / from.dtype().bytes(), buffer(to, done, Math.min(PIECE, bytes - done)));
        }
        return new Copied(from.shape(), from.dtype(), to);
    }

    private static ByteBuffer buffer(BytePointer memory, long begin, long bytes) {
        return memory.getPointer(begin).capacity(bytes).asByteBuffer().order(ByteOrder.nativeOrder());
    }

    private static void free(@Nullable BytePointer pointer) {
        if (pointer != null) {
            pointer.deallocate();
        }
    }

    @Override
    public void close() {
        memory.values().forEach(HostCopy::free);
        memory.clear();
    }
}
