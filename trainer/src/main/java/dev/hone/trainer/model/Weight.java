package dev.hone.trainer.model;

import static java.util.Objects.requireNonNull;

import dev.hone.checkpoints.Safetensors;
import dev.hone.checkpoints.TensorValues;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Weights as they are read, trained and saved: a tensor, or where they are trained in F32 and passes compute in BF16, the
 * two halves that {@link Device#split} makes of that. Halves are F32 to whoever reads or writes here; there is no copy of
 * them in F32 but of some at a time.
 */
public final class Weight implements TensorValues {

    /** Weights that are F32 for a moment, at most. */
    private static final long STAGED = 1 << 20;

    private final Tensor upper;
    private final @Nullable Tensor rest;
    private final @Nullable Tensor staging;
    private final Device device;

    /**
     * @param upper all there is of them, or what passes compute with; contiguous
     * @param rest I16, of the upper's shape; null where that is all
     * @param staging F32 {@code [stagedSize]}, where there is a rest
     */
    Weight(Tensor upper, @Nullable Tensor rest, @Nullable Tensor staging) {
        this.upper = upper;
        this.rest = rest;
        this.staging = staging;
        this.device = upper.device();
    }

    /** Elements that are F32 at a time, of a range of {@code size}: a row of any matrix in it at least. */
    static long stagedSize(long size) {
        return Math.min(size, STAGED);
    }

    /** What passes compute with. */
    public Tensor computed() {
        return upper;
    }

    /** What {@link #computed} leaves out of the exact weights; null where it is those. */
    public @Nullable Tensor rest() {
        return rest;
    }

    /** The tensors that these weights are in. */
    public List<Tensor> parts() {
        return rest == null ? List.of(upper) : List.of(upper, rest);
    }

    @Override
    public long[] shape() {
        return upper.shape();
    }

    @Override
    public DType dtype() {
        return rest == null ? upper.dtype() : DType.F32;
    }

    @Nullable
    Tensor staging() {
        return staging;
    }

    /** Rows {@code [from, to)}. */
    public Weight rows(long from, long to) {
        return new Weight(upper.rows(from, to), rest == null ? null : rest.rows(from, to), staging);
    }

    /** The same weights as {@code [n]}. */
    public Weight flat() {
        return new Weight(upper.reshape(size()), rest == null ? null : rest.reshape(size()), staging);
    }

    @Override
    public void read(long begin, ByteBuffer to) {
        if (rest == null) {
            new TensorValues.OnDevice(upper).read(begin, to);
            return;
        }
        flat().rows(begin, begin + to.remaining() / Float.BYTES).eachPart((from, part, floats) -> {
            part.join(floats);
            int bytes = Math.toIntExact(floats.bytes());
            device.read(floats, to.slice(to.position(), bytes).order(to.order()));
            to.position(to.position() + bytes);
        });
    }

    /** All of them, row after row. */
    public float[] floats() {
        float[] values = new float[Math.toIntExact(size())];
        if (rest == null) {
            device.read(upper, values);
            return values;
        }
        flat().eachPart((from, part, floats) -> {
            part.join(floats);
            float[] read = new float[Math.toIntExact(floats.size())];
            device.read(floats, read);
            System.arraycopy(read, 0, values, (int) from, read.length);
        });
        return values;
    }

    /** Fills them. Who writes calls {@link Parameters#changed}, as for all that writes here. */
    public void write(float[] values) {
        if (rest == null) {
            device.write(values, upper);
            return;
        }
        flat().eachPart((from, part, floats) -> {
            device.write(Arrays.copyOfRange(values, (int) from, (int) (from + floats.size())), floats);
            part.split(floats);
        });
    }

    /** Reads them from a file, as {@link Safetensors#read(String, Tensor)} does. */
    void read(Safetensors file, String name) {
        if (rest == null) {
            file.read(name, upper);
            return;
        }
        long[] shape = shape();
        flat().eachPart((from, part, floats) -> {
            file.read(name, shape, from, floats);
            part.split(floats);
        });
    }

    /** Takes over others of the same size, rounded where these are BF16 alone and those are not. */
    public void copy(Weight from) {
        if (dtype() == DType.F32 && rest == null) {
            from.widen(upper);
        } else if (from.upper.dtype() == DType.F32) {
            device.split(from.upper, upper, rest);
        } else {
            device.copy(from.upper, upper);
            if (rest != null && from.rest != null) {
                device.copy(from.rest, rest);
            } else if (rest != null) {
                device.zero(rest);
            }
        }
    }

    /** The values as F32, into a tensor of that type. */
    void widen(Tensor to) {
        if (rest == null) {
            device.convert(upper, to);
        } else {
            device.join(upper, rest, to);
        }
    }

    /** Changes rows of a matrix in place. */
    @FunctionalInterface
    interface Change {
        /** @param rows those from {@code from} on, of {@link #dtype} */
        void rows(long from, Tensor rows);
    }

    /** Changes all rows of a matrix, some at a time. */
    void change(Change change) {
        if (rest == null) {
            change.rows(0, upper);
            return;
        }
        eachPart((from, part, floats) -> {
            part.join(floats);
            change.rows(from, floats);
            part.split(floats);
        });
    }

    private interface Use {
        /**
         * @param part the rows from {@code from} on
         * @param floats F32 of its shape; holds nothing yet
         */
        void part(long from, Weight part, Tensor floats);
    }

    /** Calls for as many rows at a time as can be F32. */
    private void eachPart(Use use) {
        Tensor space = requireNonNull(staging);
        long rowSize = upper.rowSize();
        long most = space.size() / rowSize;
        for (long from = 0; from < upper.dim(0); from += most) {
            long to = Math.min(upper.dim(0), from + most);
            Weight part = rows(from, to);
            use.part(from, part, space.rows(0, (to - from) * rowSize).reshape(part.shape()));
        }
    }

    private void join(Tensor floats) {
        device.join(upper, requireNonNull(rest), floats);
    }

    private void split(Tensor floats) {
        device.split(floats, upper, rest);
    }
}
