package dev.hone.kernels;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;

/** Tensors on one device for one test, written and read as plain arrays. */
final class Fixture implements AutoCloseable {

    private static final long ARENA_BYTES = 64L << 20;

    final Device device;
    private final Arena arena;

    private Fixture(Device device) {
        this.device = device;
        this.arena = device.arena(ARENA_BYTES);
    }

    /** On the device {@code name}; where the native library was not built, the test is skipped and says so. */
    static Fixture on(String name) {
        try {
            return new Fixture(Devices.open(name));
        } catch (IllegalStateException e) {
            return Assumptions.abort(String.valueOf(e.getMessage()));
        }
    }

    static Fixture on(Device device) {
        return new Fixture(device);
    }

    Tensor zeros(DType dtype, long... shape) {
        return arena.allocate(dtype, shape);
    }

    Tensor floats(float[] values, long... shape) {
        return tensor(DType.F32, values, shape);
    }

    /** A F32 or BF16 tensor; bfloat16 is rounded to nearest even. */
    Tensor tensor(DType dtype, float[] values, long... shape) {
        Tensor tensor = arena.allocate(dtype, shape);
        write(values, tensor);
        return tensor;
    }

    /** The same with rows {@code gap} elements apart; the gaps hold NaN, so that a kernel that reads them is caught. */
    Tensor spaced(DType dtype, int gap, float[] values, long... shape) {
        int rows = (int) shape[0];
        int width = values.length / rows;
        float[] wide = new float[rows * (width + gap)];
        Arrays.fill(wide, Float.NaN);
        for (int row = 0; row < rows; row++) {
            System.arraycopy(values, row * width, wide, row * (width + gap), width);
        }
        return tensor(dtype, wide, rows, width + gap).columns(0, width).reshape(shape);
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

    void write(float[] values, Tensor tensor) {
        if (tensor.dtype() == DType.F32) {
            device.write(values, tensor);
            return;
        }
        ByteBuffer bytes = direct(values.length * Short.BYTES);
        for (float value : values) {
            bytes.putShort(Bf16.bits(value));
        }
        device.write(bytes.flip(), tensor);
    }

    /** All elements, row after row; rows may be spaced. */
    float[] read(Tensor tensor) {
        if (!tensor.isContiguous()) {
            float[] all = new float[(int) tensor.size()];
            int width = (int) tensor.rowSize();
            for (int row = 0; row < tensor.dim(0); row++) {
                System.arraycopy(read(tensor.rows(row, row + 1)), 0, all, row * width, width);
            }
            return all;
        }
        float[] values = new float[(int) tensor.size()];
        if (tensor.dtype() == DType.F32) {
            device.read(tensor, values);
            return values;
        }
        ByteBuffer bytes = direct(values.length * Short.BYTES);
        device.read(tensor, bytes);
        for (int i = 0; i < values.length; i++) {
            values[i] = Bf16.value(bytes.getShort(i * Short.BYTES));
        }
        return values;
    }

    int[] readInts(Tensor tensor) {
        int[] values = new int[(int) tensor.size()];
        device.read(tensor, values);
        return values;
    }

    @Override
    public void close() {
        arena.close();
        device.close();
    }

    static float[] normal(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
}
