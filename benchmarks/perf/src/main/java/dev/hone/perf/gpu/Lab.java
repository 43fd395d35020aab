package dev.hone.perf.gpu;

import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.EightBitMoments;
import dev.hone.kernels.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;

/** Tensors on one device, written and read as float arrays. */
final class Lab implements AutoCloseable {

    final Device device;
    private final Arena arena;

    Lab(Device device, long bytes) {
        this.device = device;
        this.arena = device.arena(bytes);
    }

    /** A tensor of zeros. */
    Tensor zeros(DType dtype, long... shape) {
        Tensor tensor = arena.allocate(dtype, shape);
        device.zero(tensor);
        return tensor;
    }

    /** A F32 or BF16 tensor of standard normal numbers; the same on every device. */
    Tensor normal(DType dtype, long seed, long... shape) {
        return normal(dtype, seed, 1, shape);
    }

    /** Normal numbers of the given deviation; a large tensor repeats a block of them. */
    Tensor normal(DType dtype, long seed, double deviation, long... shape) {
        Tensor tensor = arena.allocate(dtype, shape);
        int block = (int) Math.min(tensor.size(), 1 << 20);
        Random random = new Random(seed);
        float[] values = new float[block];
        for (int i = 0; i < block; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        Tensor flat = tensor.reshape(tensor.size());
        for (long at = 0; at < flat.size(); at += block) {
            int count = (int) Math.min(block, flat.size() - at);
            write(count == block ? values : Arrays.copyOf(values, count), flat.rows(at, at + count));
        }
        return tensor;
    }

    /** Moments of zero. */
    EightBitMoments eightBitMoments(long elements) {
        return EightBitMoments.allocate(arena, device, elements);
    }

    Tensor floats(float... values) {
        Tensor tensor = arena.allocate(DType.F32, values.length);
        device.write(values, tensor);
        return tensor;
    }

    Tensor ints(int... values) {
        Tensor tensor = arena.allocate(DType.I32, values.length);
        device.write(values, tensor);
        return tensor;
    }

    Tensor longs(long... values) {
        Tensor tensor = arena.allocate(DType.I64, values.length);
        device.write(values, tensor);
        return tensor;
    }

    /** Ids below {@code bound}, the same on every device. */
    Tensor ids(long seed, int count, int bound) {
        return ints(new Random(seed).ints(count, 0, bound).toArray());
    }

    void write(float[] values, Tensor tensor) {
        if (tensor.dtype() == DType.F32) {
            device.write(values, tensor);
            return;
        }
        ByteBuffer bytes = direct(values.length);
        for (float value : values) {
            bytes.putShort(bf16(value));
        }
        device.write(bytes.flip(), tensor);
    }

    int[] readInts(Tensor tensor) {
        int[] values = new int[(int) tensor.size()];
        device.read(tensor, values);
        return values;
    }

    float[] read(Tensor tensor) {
        int count = (int) tensor.size();
        float[] values = new float[count];
        switch (tensor.dtype()) {
            case F32 -> device.read(tensor, values);
            case I32 -> {
                int[] ints = readInts(tensor);
                for (int i = 0; i < count; i++) {
                    values[i] = ints[i];
                }
            }
            case BF16 -> {
                ByteBuffer bytes = direct(count);
                device.read(tensor, bytes);
                for (int i = 0; i < count; i++) {
                    values[i] = Float.intBitsToFloat(bytes.getShort(i * Short.BYTES) << 16);
                }
            }
            default -> throw new IllegalArgumentException("A lab does not read " + tensor);
        }
        return values;
    }

    @Override
    public void close() {
        arena.close();
    }

    private static ByteBuffer direct(int shorts) {
        return ByteBuffer.allocateDirect(shorts * Short.BYTES).order(ByteOrder.nativeOrder());
    }

    /** Rounded to nearest even. */
    private static short bf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
    }
}
