package dev.hone.kernels.nativ;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import org.bytedeco.javacpp.BytePointer;

/** A small block outside the Java heap through which arrays travel to a device and back, piece by piece. */
final class HostStaging {

    private static final int BYTES = 1 << 20;

    private final Kernels kernels;
    private final ByteBuffer block = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder());
    private final FloatBuffer floats = block.asFloatBuffer();
    private final IntBuffer ints = block.asIntBuffer();
    private final LongBuffer longs = block.asLongBuffer();
    private final long address = new BytePointer(block).address();

    HostStaging(Kernels kernels) {
        this.kernels = kernels;
    }

    synchronized void write(float[] from, long to) {
        for (int at = 0; at < from.length; at += floats.capacity()) {
            int count = Math.min(floats.capacity(), from.length - at);
            floats.put(0, from, at, count);
            kernels.copy_from_host(to + (long) at * Float.BYTES, address, (long) count * Float.BYTES);
        }
    }

    synchronized void write(int[] from, long to) {
        for (int at = 0; at < from.length; at += ints.capacity()) {
            int count = Math.min(ints.capacity(), from.length - at);
            ints.put(0, from, at, count);
            kernels.copy_from_host(to + (long) at * Integer.BYTES, address, (long) count * Integer.BYTES);
        }
    }

    synchronized void write(long[] from, long to) {
        for (int at = 0; at < from.length; at += longs.capacity()) {
            int count = Math.min(longs.capacity(), from.length - at);
            longs.put(0, from, at, count);
            kernels.copy_from_host(to + (long) at * Long.BYTES, address, (long) count * Long.BYTES);
        }
    }

    synchronized void read(long from, float[] to) {
        for (int at = 0; at < to.length; at += floats.capacity()) {
            int count = Math.min(floats.capacity(), to.length - at);
            kernels.copy_to_host(address, from + (long) at * Float.BYTES, (long) count * Float.BYTES);
            floats.get(0, to, at, count);
        }
    }

    synchronized void read(long from, int[] to) {
        for (int at = 0; at < to.length; at += ints.capacity()) {
            int count = Math.min(ints.capacity(), to.length - at);
            kernels.copy_to_host(address, from + (long) at * Integer.BYTES, (long) count * Integer.BYTES);
            ints.get(0, to, at, count);
        }
    }
}
