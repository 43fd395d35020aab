package dev.hone.kernels.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Devices;
import dev.hone.kernels.Tensor;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class Nd4jInteropTest {

    private static Device open(String name) {
        try {
            return Devices.open(name);
        } catch (IllegalStateException e) {
            return Assumptions.abort(String.valueOf(e.getMessage()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "nd4j"})
    void anArrayIsTheTensorsMemory(String name) {
        try (Device device = open(name);
                Arena arena = device.arena(4096)) {
            Tensor tensor = arena.allocate(DType.F32, 2, 3);
            device.write(new float[] {1, 2, 3, 4, 5, 6}, tensor);
            INDArray array = Nd4jInterop.array(tensor);
            assertThat(array.data().addressPointer().address()).isEqualTo(tensor.address());
            assertThat(array.shape()).containsExactly(2, 3);
            assertThat(array.sumNumber().floatValue()).isEqualTo(21);
            array.muli(10);
            float[] values = new float[6];
            device.read(tensor, values);
            assertThat(values).containsExactly(10, 20, 30, 40, 50, 60);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "nd4j"})
    void spacedRowsStaySpaced(String name) {
        try (Device device = open(name);
                Arena arena = device.arena(4096)) {
            Tensor whole = arena.allocate(DType.I32, 2, 3);
            device.write(new int[] {1, 2, 3, 4, 5, 6}, whole);
            INDArray last = Nd4jInterop.array(whole.columns(1, 3));
            assertThat(last.data().addressPointer().address()).isEqualTo(whole.address() + Integer.BYTES);
            assertThat(last.toIntMatrix()).isDeepEqualTo(new int[][] {{2, 3}, {5, 6}});
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "nd4j"})
    void aTensorIsTheArraysMemory(String name) {
        try (Device device = open(name);
                Arena arena = device.arena(4096)) {
            INDArray array = Nd4j.createFromArray(new float[][] {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}});
            Tensor tensor = Nd4jInterop.tensor(device, array);
            assertThat(tensor.address()).isEqualTo(array.data().addressPointer().address());
            INDArray view = array.get(NDArrayIndex.interval(1, 3), NDArrayIndex.interval(1, 3));
            Tensor part = Nd4jInterop.tensor(device, view);
            assertThat(part.address()).isEqualTo(tensor.address() + 4 * Float.BYTES);
            assertThat(part.shape()).containsExactly(2, 2);
            assertThat(part.rowStride()).isEqualTo(3);
            Tensor sums = arena.allocate(DType.F32, 2);
            device.sumRows(part, sums, false);
            float[] values = new float[2];
            device.read(sums, values);
            assertThat(values).containsExactly(5 + 8, 6 + 9);
            device.write(new float[9], tensor);
            assertThat(array.sumNumber().floatValue()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "nd4j"})
    void refusesWhatCannotBeShared(String name) {
        try (Device device = open(name);
                Arena arena = device.arena(4096)) {
            assertThatThrownBy(() -> Nd4jInterop.tensor(device, Nd4j.ones(2, 3).transpose()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "An array of shape [3, 2] and strides [1, 3] cannot be a tensor: only its rows may be spaced");
            assertThatThrownBy(() -> Nd4jInterop.tensor(device, Nd4j.ones(DataType.DOUBLE, 2)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("An array of type DOUBLE cannot be a tensor: expected FLOAT, INT or LONG");
            assertThatThrownBy(() -> Nd4jInterop.array(arena.allocate(DType.BF16, 2)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("BF16[2] on " + name + " cannot be an ND4J array: expected F32, I32 or I64");
        }
    }
}
