package dev.hone.kernels.nd4j;

import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.pointers.PagedPointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Tensors and ND4J arrays over the same memory, nothing copied. Works for devices whose memory is the host's
 * ({@code cpu}, {@code nd4j}) and ND4J's native backend. Neither side keeps the other alive: the arena of a viewed
 * tensor, or the array beneath a tensor, must be kept as long as the view is used.
 *
 * <p>bfloat16 is left out: ND4J's arithmetic on it is wrong (1.0.0-M2.1 sums a million values to 512).
 */
public final class Nd4jInterop {

    private Nd4jInterop() {}

    /** {@code tensor}'s memory as an array of its shape and strides. */
    public static INDArray array(Tensor tensor) {
        requireHostMemory(tensor.device());
        long[] shape = tensor.shape();
        long[] strides = new long[shape.length];
        long stride = 1;
        for (int i = shape.length - 1; i > 0; i--) {
            strides[i] = stride;
            stride *= shape[i];
        }
        strides[0] = tensor.rowStride();
        long elements = Math.max(1, (shape[0] - 1) * tensor.rowStride() + tensor.rowSize());
        return Nd4j.create(buffer(tensor, elements), shape, strides, 0, 'c');
    }

    private static DataBuffer buffer(Tensor tensor, long elements) {
        Pointer memory = new PagedPointer(tensor.address());
        switch (tensor.dtype()) {
            case F32:
                return Nd4j.createBuffer(sized(new FloatPointer(memory), elements), elements, DataType.FLOAT);
            case I32:
                return Nd4j.createBuffer(sized(new IntPointer(memory), elements), elements, DataType.INT);
            case I64:
                return Nd4j.createBuffer(sized(new LongPointer(memory), elements), elements, DataType.LONG);
            default:
                throw new IllegalArgumentException(tensor + " cannot be an ND4J array: expected F32, I32 or I64");
        }
    }

    private static Pointer sized(Pointer pointer, long elements) {
        return pointer.capacity(elements);
    }

    /**
     * {@code array}'s memory as a tensor of {@code device}.
     *
     * @throws IllegalArgumentException when the array is not of type FLOAT, INT or LONG, or when anything but its rows
     *     (the first dimension) is spaced or out of order
     */
    public static Tensor tensor(Device device, INDArray array) {
        requireHostMemory(device);
        long[] shape = array.shape();
        long[] strides = array.stride();
        long rowSize = 1;
        for (int i = shape.length - 1; i > 0; i--) {
            if (shape[i] > 1 && strides[i] != rowSize) {
                throw new IllegalArgumentException("An array of shape " + Arrays.toString(shape) + " and strides "
                        + Arrays.toString(strides) + " cannot be a tensor: only its rows may be spaced");
            }
            rowSize *= shape[i];
        }
        if (shape.length == 0) {
            throw new IllegalArgumentException("A scalar array cannot be a tensor: expected at least one dimension");
        }
        if (shape[0] > 1 && strides[0] < rowSize) {
            throw new IllegalArgumentException("An array of shape " + Arrays.toString(shape) + " and strides "
                    + Arrays.toString(strides) + " cannot be a tensor: its rows overlap");
        }
        long rowStride = shape[0] > 1 ? strides[0] : rowSize;
        long address = array.data().addressPointer().address();
        Tensor rows = Tensor.at(device, dtype(array.dataType()), address, shape[0], rowStride);
        return (rowStride == rowSize ? rows : rows.columns(0, rowSize)).reshape(shape);
    }

    private static DType dtype(DataType type) {
        switch (type) {
            case FLOAT:
                return DType.F32;
            case INT:
                return DType.I32;
            case LONG:
                return DType.I64;
            default:
                throw new IllegalArgumentException(
                        "An array of type " + type + " cannot be a tensor: expected FLOAT, INT or LONG");
        }
    }

    private static void requireHostMemory(Device device) {
        if (!device.name().equals("cpu") && !device.name().equals("nd4j")) {
            throw new IllegalArgumentException("The " + device.name() + " device does not share memory with ND4J");
        }
    }
}
