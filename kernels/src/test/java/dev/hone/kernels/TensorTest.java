package dev.hone.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TensorTest {

    private static final Device DEVICE = Devices.open("nd4j");
    private static final Tensor MATRIX = Tensor.at(DEVICE, DType.F32, 1024, 4, 6);

    @Test
    void rowsAndColumnsAreViews() {
        Tensor part = MATRIX.rows(1, 3).columns(2, 5);
        assertThat(part.address()).isEqualTo(1024 + (6 + 2) * 4);
        assertThat(part.shape()).containsExactly(2, 3);
        assertThat(part.rowStride()).isEqualTo(6);
        assertThat(part.isContiguous()).isFalse();
        assertThat(part.rows(0, 1).isContiguous()).isTrue();
    }

    @Test
    void reshapingKeepsSpacedRows() {
        Tensor heads = MATRIX.columns(0, 4).reshape(4, 2, 2);
        assertThat(heads.rowStride()).isEqualTo(6);
        assertThat(heads.rowSize()).isEqualTo(4);
        assertThat(MATRIX.reshape(2, 12).rowStride()).isEqualTo(12);
        assertThatThrownBy(() -> MATRIX.columns(0, 4).reshape(16))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Cannot view F32[4, 4], row stride 6 on nd4j as [16]");
        assertThatThrownBy(() -> MATRIX.reshape(5, 5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Cannot view F32[4, 6] on nd4j as [5, 5]");
    }

    @Test
    void refusesViewsBeyondItsEdges() {
        assertThatThrownBy(() -> MATRIX.rows(3, 5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Rows [3, 5) of F32[4, 6] on nd4j");
        assertThatThrownBy(() -> MATRIX.columns(4, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Columns [4, 3) of F32[4, 6] on nd4j");
    }
}
