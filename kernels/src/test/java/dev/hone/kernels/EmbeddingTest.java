package dev.hone.kernels;

import static dev.hone.kernels.Closeness.assertClose;
import static dev.hone.kernels.Closeness.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class EmbeddingTest {

    @OnEachDevice
    void gathersRows(String device) {
        float[] table = Fixture.normal(new Random(1), 5 * 3);
        try (Fixture on = Fixture.on(device)) {
            Tensor out = on.zeros(DType.F32, 4, 3);
            on.device.embeddingForward(on.ints(4, 0, 4, 2), on.floats(table, 5, 3), out);
            float[] expected = new float[12];
            int[] ids = {4, 0, 4, 2};
            for (int i = 0; i < 12; i++) {
                expected[i] = table[ids[i / 3] * 3 + i % 3];
            }
            assertSameBits("out", on.read(out), expected);
        }
    }

    @OnEachDevice
    void takesWhatHasAPlaceAndLeavesTheRest(String device) {
        Random random = new Random(5);
        for (int n : new int[] {1, 7, 300}) {
            int[] x = random.ints(50).toArray();
            int[] places = random.ints(n, -2, 50).toArray();
            int[] before = random.ints(n).toArray();
            int[] expected = new int[n];
            for (int i = 0; i < n; i++) {
                expected[i] = places[i] < 0 ? before[i] : x[places[i]];
            }
            try (Fixture on = Fixture.on(device)) {
                Tensor out = on.ints(before);
                on.device.take(on.ints(x), on.ints(places), out);
                assertThat(on.readInts(out)).isEqualTo(expected);
            }
        }
    }

    @OnEachDevice
    void addsEachGradientToItsRow(String device) {
        Random random = new Random(2);
        for (int[] shape : new int[][] {{1, 1, 1}, {1, 7, 3}, {300, 33, 11}, {64, 128, 1}}) {
            int tokens = shape[0];
            int width = shape[1];
            int rows = shape[2];
            int[] ids = random.ints(tokens, 0, rows).toArray();
            float[] gradient = Fixture.normal(random, tokens * width);
            float[] before = Fixture.normal(random, rows * width);
            double[] expected = Closeness.doubles(before);
            for (int i = 0; i < tokens * width; i++) {
                expected[ids[i / width] * width + i % width] += gradient[i];
            }
            try (Fixture on = Fixture.on(device)) {
                Tensor table = on.floats(before, rows, width);
                on.device.embeddingBackward(on.ints(ids), on.floats(gradient, tokens, width), table);
                assertClose("dTable", on.read(table), expected, 1e-5);
            }
        }
    }

    @Test
    void bfloat16PassesThrough() {
        float[] table = Bf16.round(Fixture.normal(new Random(3), 6 * 5));
        float[] gradient = Bf16.round(Fixture.normal(new Random(4), 2 * 5));
        try (Fixture on = Fixture.on("cpu")) {
            Tensor out = on.zeros(DType.BF16, 1, 5);
            on.device.embeddingForward(on.ints(3), on.tensor(DType.BF16, table, 6, 5), out);
            assertSameBits("out", on.read(out), java.util.Arrays.copyOfRange(table, 15, 20));
            Tensor dTable = on.zeros(DType.F32, 1, 5);
            on.device.embeddingBackward(on.ints(0, 0), on.tensor(DType.BF16, gradient, 2, 5), dTable);
            double[] sum = new double[5];
            for (int i = 0; i < 10; i++) {
                sum[i % 5] += gradient[i];
            }
            assertClose("dTable", on.read(dTable), sum, 1e-6);
        }
    }

    @OnEachDevice
    void refusesAnOutputForOtherTokens(String device) {
        try (Fixture on = Fixture.on(device)) {
            assertThatThrownBy(() -> on.device.take(on.ints(1), on.ints(0, 0), on.ints(1, 2, 3)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("take: out is I32[3] on " + device + ", expected I32[2], contiguous");
            assertThatThrownBy(() -> on.device.embeddingForward(
                            on.ints(0, 1), on.zeros(DType.F32, 5, 3), on.zeros(DType.F32, 3, 3)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("embeddingForward: out is F32[3, 3] on " + device + ", expected F32[2, 3]");
        }
    }
}
