package dev.hone.kernels.nd4j;

import dev.hone.kernels.Tensor;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.pointers.PagedPointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The nd4j device's tensors, which lie in the host's memory, as arrays of ND4J's backend: for its native one views; for
 * its CUDA one, which computes in a GPU's memory, copies. A copy that was changed goes back before anything looks at the
 * memory again.
 */
final class HostArrays {

    /** @param before what {@code array} held when it was last equal to the tensor: float[], int[] or long[] */
    private record Copy(Tensor tensor, INDArray array, Object before) {}

    interface Scope extends AutoCloseable {
        @Override
        void close();
    }

    private final boolean copying;
    private final List<Copy> copies = new ArrayList<>();

    /** @param copying whether the backend does not compute in the host's memory */
    HostArrays(boolean copying) {
        this.copying = copying;
    }

    INDArray array(Tensor tensor) {
        if (!copying || tensor.size() == 0) {
            return Nd4jInterop.array(tensor);
        }
        refresh();
        Object values = read(tensor);
        INDArray array = created(values).reshape('c', tensor.shape());
        copies.add(new Copy(tensor, array, values));
        return array;
    }

    /** Brings the memory up to date and forgets all arrays. */
    void settle() {
        refresh();
        copies.clear();
    }

    /** What ends the life of a workspace, and of the arrays made in it. */
    Scope scope(MemoryWorkspace workspace) {
        return () -> {
            settle();
            workspace.close();
        };
    }

    /** Brings the memory up to date, before it is read or written otherwise. */
    void refresh() {
        for (int i = 0; i < copies.size(); i++) {
            Copy copy = copies.get(i);
            Object now = values(copy);
            if (!Arrays.deepEquals(new Object[] {now}, new Object[] {copy.before()})) {
                Object memory = read(copy.tensor());
                takeChanges(copy.before(), now, memory);
                write(memory, copy.tensor());
                copies.set(i, new Copy(copy.tensor(), copy.array(), now));
            }
        }
    }

    /** Other copies of the same memory may have changed other elements. */
    private static void takeChanges(Object before, Object now, Object memory) {
        for (int i = 0; i < Array.getLength(now); i++) {
            if (!Array.get(now, i).equals(Array.get(before, i))) {
                Array.set(memory, i, Array.get(now, i));
            }
        }
    }

    private static Object values(Copy copy) {
        if (copy.before() instanceof float[]) {
            return copy.array().data().asFloat();
        }
        return copy.before() instanceof int[]
                ? copy.array().data().asInt()
                : copy.array().data().asLong();
    }

    private static INDArray created(Object values) {
        if (values instanceof float[] floats) {
            return Nd4j.createFromArray(floats);
        }
        return values instanceof int[] ints ? Nd4j.createFromArray(ints) : Nd4j.createFromArray((long[]) values);
    }

    private static Object read(Tensor tensor) {
        int size = Math.toIntExact(tensor.size());
        Object values =
                switch (tensor.dtype()) {
                    case F32 -> new float[size];
                    case I32 -> new int[size];
                    case I64 -> new long[size];
                    default ->
                        throw new IllegalArgumentException(
                                tensor + " cannot be an ND4J array: expected F32, I32 or I64");
                };
        eachRow(tensor, (row, at, count) -> {
            if (values instanceof float[] floats) {
                new FloatPointer(row).get(floats, at, count);
            } else if (values instanceof int[] ints) {
                new IntPointer(row).get(ints, at, count);
            } else {
                new LongPointer(row).get((long[]) values, at, count);
            }
        });
        return values;
    }

    private static void write(Object values, Tensor tensor) {
        eachRow(tensor, (row, at, count) -> {
            if (values instanceof float[] floats) {
                new FloatPointer(row).put(floats, at, count);
            } else if (values instanceof int[] ints) {
                new IntPointer(row).put(ints, at, count);
            } else {
                new LongPointer(row).put((long[]) values, at, count);
            }
        });
    }

    private interface Row {
        /** @param at where its {@code count} elements are among all, row after row */
        void visit(PagedPointer row, int at, int count);
    }

    private static void eachRow(Tensor tensor, Row visitor) {
        long rows = tensor.isContiguous() ? 1 : tensor.dim(0);
        int count = Math.toIntExact(tensor.size() / rows);
        long spacing = tensor.rowStride() * tensor.dtype().bytes();
        for (int r = 0; r < rows; r++) {
            visitor.visit(new PagedPointer(tensor.address() + r * spacing), r * count, count);
        }
    }
}
