package dev.hone.kernels.nativ;

import dev.hone.kernels.BFloat16;
import dev.hone.kernels.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import org.bytedeco.javacpp.BytePointer;

/** A small block outside the Java heap through which arrays travel to a device and back, piece by piece. */
final class HostStaging {

    private static final int BYTES = 1 << 20;

    private final Kernels kernels;
    private final ByteBuffer block = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder());
    private final FloatBuffer floats = block.asFloatBuffer();
    private final IntBuffer ints = block.asIntBuffer();
    private final ShortBuffer shorts = block.asShortBuffer();
    private final LongBuffer longs = block.asLongBuffer();
    private final long address = new BytePointer(block).address();

    HostStaging(Kernels kernels) {
        this.kernels = kernels;
    }

    /** As floats, or rounded to bfloat16. */
    synchronized void write(float[] from, DType dtype, long to) {
        if (dtype == DType.BF16) {
            writeRounded(from, to);
            return;
        }
        for (int at = 0; at < from.length; at += floats.capacity()) {
            int count = Math.min(floats.capacity(), from.length - at);
            floats.put(0, from, at, count);
            kernels.copy_from_host(to + (long) at * Float.BYTES, address, (long) count * Float.BYTES);
        }
    }

    private void writeRounded(float[] from, long to) {
        for (int at = 0; at < from.length; at += shorts.capacity()) {
            int count = Math.min(shorts.capacity(), from.length - at);
            for (int i = 0; i < count; i++) {
                shorts.put(i, BFloat16.bits(from[at + i]));
            }
            kernels.copy_from_host(to + (long) at * Short.BYTES, address, (long) count * Short.BYTES);
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

    /** From floats, or from bfloat16. */
    synchronized void read(DType dtype, long from, float[] to) {
        if (dtype == DType.BF16) {
            readWidened(from, to);
            return;
        }
        for (int at = 0; at < to.length; at += floats.capacity()) {
            int count = Math.min(floats.capacity(), to.length - at);
            kernels.copy_to_host(address, from + (long) at * Float.BYTES, (long) count * Float.BYTES);
            floats.get(0, to, at, count);
        }
    }

    private void readWidened(long from, float[] to) {
        for (int at = 0; at < to.length; at += shorts.capacity()) {
            int count = Math.min(shorts.capacity(), to.length - at);
            kernels.copy_to_host(address, from + (long) at * Short.BYTES, (long) count * Short.BYTES);
            for (int i = 0; i < count; i++) {
                to[at + i] = BFloat16.value(shorts.get(i));
            }
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
