package dev.hone.checkpoints;

import dev.hone.kernels.DType;
import dev.hone.kernels.Tensor;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** The values of a tensor, for a file: as they are on its device, or a {@link HostCopy} of them. */
public interface TensorValues {

    long[] shape();

    DType dtype();

    /** Copies elements from {@code begin} on, row-major, into the remaining bytes of a direct buffer, in native order. */
    void read(long begin, ByteBuffer to);

    /** Elements in all. */
    default long size() {
        long size = 1;
        for (long dimension : shape()) {
            size *= dimension;
        }
        return size;
    }

    /** The values on the device, by name: read when they are written. */
    static Map<String, TensorValues> of(Map<String, Tensor> tensors) {
        Map<String, TensorValues> values = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> values.put(name, new OnDevice(tensor)));
        return values;
    }

    /** Reads through the device. */
    record OnDevice(Tensor tensor) implements TensorValues {

        @Override
        public long[] shape() {
            return tensor.shape();
        }

        @Override
        public DType dtype() {
            return tensor.dtype();
        }

        @Override
        public void read(long begin, ByteBuffer to) {
            long row = tensor.isContiguous() ? tensor.size() : tensor.rowSize();
            long at = begin;
            while (to.hasRemaining()) {
                Tensor flat = tensor.isContiguous()
                        ? tensor.reshape(tensor.size())
                        : tensor.rows(at / row, at / row + 1).reshape(row);
                long from = at % row;
                long count =
                        Math.min(row - from, to.remaining() / tensor.dtype().bytes());
                int bytes = Math.toIntExact(count * tensor.dtype().bytes());
                tensor.device()
                        .read(
                                flat.rows(from, from + count),
                                to.slice(to.position(), bytes).order(to.order()));
                to.position(to.position() + bytes);
                at += count;
            }
        }
    }
}
