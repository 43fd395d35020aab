package dev.hone.kernels;

import java.util.Arrays;

/**
 * A view of device memory: row-major, with rows that may be spaced; everything within a row (all dimensions but the
 * first) is contiguous. A tensor owns nothing: memory belongs to the {@link Arena} it came from and goes with it.
 */
public final class Tensor {

    private final Device device;
    private final DType dtype;
    private final long address;
    private final long[] shape;
    private final long rowStride;

    private Tensor(Device device, DType dtype, long address, long[] shape, long rowStride) {
        this.device = device;
        this.dtype = dtype;
        this.address = address;
        this.shape = shape;
        this.rowStride = rowStride;
    }

    /** A contiguous tensor at {@code address} of {@code device}'s memory. */
    public static Tensor at(Device device, DType dtype, long address, long... shape) {
        if (shape.length == 0) {
            throw new IllegalArgumentException("A tensor needs at least one dimension");
        }
        return new Tensor(device, dtype, address, shape.clone(), product(shape, 1));
    }

    public Device device() {
        return device;
    }

    public DType dtype() {
        return dtype;
    }

    /** Where the first element lies in the device's memory. */
    public long address() {
        return address;
    }

    public long[] shape() {
        return shape.clone();
    }

    public int rank() {
        return shape.length;
    }

    public long dim(int i) {
        return shape[i];
    }

    /** Elements from the start of one row to the start of the next. */
    public long rowStride() {
        return rowStride;
    }

    /** Elements in a row: the product of all dimensions but the first. */
    public long rowSize() {
        return product(shape, 1);
    }

    /** Elements in all. */
    public long size() {
        return product(shape, 0);
    }

    public boolean isContiguous() {
        return rowStride == rowSize() || shape[0] <= 1;
    }

    /** Bytes of a contiguous tensor. */
    public long bytes() {
        return size() * dtype.bytes();
    }

    /** Rows {@code [from, to)}: shape {@code [to - from, ...]}. */
    public Tensor rows(long from, long to) {
        if (from < 0 || to < from || to > shape[0]) {
            throw new IllegalArgumentException("Rows [" + from + ", " + to + ") of " + this);
        }
        long[] rows = shape.clone();
        rows[0] = to - from;
        return new Tensor(device, dtype, address + from * rowStride * dtype.bytes(), rows, rowStride);
    }

    /** Columns {@code [from, to)} of each row of a matrix: shape {@code [rows, to - from]}, the same row stride. */
    public Tensor columns(long from, long to) {
        if (shape.length != 2 || from < 0 || to < from || to > shape[1]) {
            throw new IllegalArgumentException("Columns [" + from + ", " + to + ") of " + this);
        }
        return new Tensor(device, dtype, address + from * dtype.bytes(), new long[] {shape[0], to - from}, rowStride);
    }

    /** The same memory in another shape. Where rows are spaced, the first dimension must stay as it is. */
    public Tensor reshape(long... other) {
        if (product(other, 0) != size() || (!isContiguous() && other[0] != shape[0])) {
            throw new IllegalArgumentException("Cannot view " + this + " as " + Arrays.toString(other));
        }
        return new Tensor(device, dtype, address, other.clone(), isContiguous() ? product(other, 1) : rowStride);
    }

    @Override
    public String toString() {
        String spaced = isContiguous() ? "" : ", row stride " + rowStride;
        return dtype + Arrays.toString(shape) + spaced + " on " + device.name();
    }

    private static long product(long[] dimensions, int from) {
        long product = 1;
        for (int i = from; i < dimensions.length; i++) {
            product *= dimensions[i];
        }
        return product;
    }
}
