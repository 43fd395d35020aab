package dev.hone.kernels;

import static dev.hone.kernels.Closeness.assertClose;
import static dev.hone.kernels.Closeness.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against what bitsandbytes made: see src/test/python/make_nf4_fixtures.py. */
class Nf4Test {

    private static final boolean[] BOTH = {false, true};

    private record Reference(
            int rows,
            int columns,
            float[] weight,
            byte[] codes,
            byte[] absmax,
            float[] scales,
            float[] table,
            float[] dequantised) {

        static Reference read(String name) throws IOException {
            ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(Path.of("src/test/resources/nf4", name + ".bin")))
                    .order(ByteOrder.LITTLE_ENDIAN);
            int rows = file.getInt();
            int columns = file.getInt();
            int size = rows * columns;
            return new Reference(
                    rows,
                    columns,
                    floats(file, size),
                    bytes(file, Nf4.codeBytes(size)),
                    bytes(file, Nf4.blocks(size)),
                    floats(file, (int) Nf4.scaleCount(size)),
                    floats(file, Nf4.TABLE),
                    floats(file, size));
        }

        private static float[] floats(ByteBuffer file, int count) {
            float[] values = new float[count];
            for (int i = 0; i < count; i++) {
                values[i] = file.getFloat();
            }
            return values;
        }

        private static byte[] bytes(ByteBuffer file, long count) {
            byte[] values = new byte[(int) count];
            file.get(values);
            return values;
        }
    }

    private static Nf4 empty(Fixture on, long rows, long columns) {
        long size = rows * columns;
        return new Nf4(
                rows,
                columns,
                on.zeros(DType.U8, Nf4.codeBytes(size)),
                on.zeros(DType.U8, Nf4.blocks(size)),
                on.zeros(DType.F32, Nf4.scaleCount(size)),
                on.floats(Nf4.levels(), Nf4.TABLE));
    }

    private static Nf4 random(Fixture on, Random random, int rows, int columns) {
        Nf4 weight = empty(on, rows, columns);
        weight.write(Fixture.normal(random, rows * columns));
        return weight;
    }

    private static byte[] readBytes(Fixture on, Tensor tensor) {
        ByteBuffer bytes = Fixture.direct((int) tensor.size());
        on.device.read(tensor, bytes);
        byte[] values = new byte[(int) tensor.size()];
        bytes.get(values);
        return values;
    }

    @ParameterizedTest
    @ValueSource(strings = {"even", "uneven", "zero"})
    void quantisesAsBitsandbytes(String name) throws IOException {
        Reference expected = Reference.read(name);
        try (Fixture on = Fixture.on("nd4j")) {
            assertSameBits("levels", Nf4.levels(), expected.table);
            Nf4 weight = empty(on, expected.rows, expected.columns);
            weight.write(expected.weight);
            assertThat(readBytes(on, weight.codes())).isEqualTo(expected.codes);
            assertThat(readBytes(on, weight.absmax())).isEqualTo(expected.absmax);
            float[] scales = on.read(weight.scales());
            for (int i = 0; i < scales.length; i++) {
                // torch takes the mean in single precision.
                assertThat(scales[i]).isCloseTo(expected.scales[i], within(1e-6f * expected.scales[0]));
            }
        }
    }

    @OnEachDevice
    void dequantisesToTheBitsOfBitsandbytes(String device) throws IOException {
        for (String name : new String[] {"even", "uneven", "zero"}) {
            Reference expected = Reference.read(name);
            try (Fixture on = Fixture.on(device)) {
                Nf4 weight = empty(on, expected.rows, expected.columns);
                on.device.write(
                        Fixture.direct(expected.codes.length)
                                .put(expected.codes)
                                .flip(),
                        weight.codes());
                on.device.write(
                        Fixture.direct(expected.absmax.length)
                                .put(expected.absmax)
                                .flip(),
                        weight.absmax());
                on.device.write(expected.scales, weight.scales());
                Tensor out = on.zeros(DType.F32, expected.rows, expected.columns);
                on.device.nf4Dequantize(weight, 0, out);
                assertSameBits(name, on.read(out), expected.dequantised);
                Tensor last = on.zeros(DType.F32, 1, expected.columns);
                on.device.nf4Dequantize(weight, expected.rows - 1, last);
                assertSameBits(name + ", last row", on.read(last), on.read(out.rows(expected.rows - 1, expected.rows)));
            }
        }
    }

    @OnEachDevice
    void multipliesAsByTheDequantisedWeight(String device) {
        Random random = new Random(5);
        for (int[] shape : new int[][] {{1, 1, 1}, {3, 33, 7}, {5, 64, 128}, {40, 130, 320}, {300, 520, 257}}) {
            for (boolean transpose : BOTH) {
                for (boolean accumulate : BOTH) {
                    int m = shape[0];
                    int n = shape[1];
                    int k = shape[2];
                    try (Fixture on = Fixture.on(device)) {
                        Nf4 weight = random(on, random, transpose ? n : k, transpose ? k : n);
                        Tensor whole = on.zeros(DType.F32, weight.rows(), weight.columns());
                        on.device.nf4Dequantize(weight, 0, whole);
                        Tensor a = on.spaced(DType.F32, 3, Fixture.normal(random, m * k), m, k);
                        Tensor bias = random.nextBoolean() ? on.floats(Fixture.normal(random, n), n) : null;
                        float[] before = Fixture.normal(random, m * n);
                        Tensor c = on.spaced(DType.F32, 2, before, m, n);
                        Tensor expected = on.floats(before, m, n);
                        on.device.nf4Matmul(a, weight, transpose, bias, c, accumulate);
                        on.device.matmul(a, false, whole, transpose, bias, expected, accumulate);
                        assertSameBits(m + "x" + n + "x" + k + " " + transpose, on.read(c), on.read(expected));
                    }
                }
            }
        }
    }

    @Test
    void bfloat16IsCloseToFloat() {
        Random random = new Random(6);
        try (Fixture on = Fixture.on("cpu")) {
            float[] values = Bf16.round(Fixture.normal(random, 9 * 128));
            float[] bias = Bf16.round(Fixture.normal(random, 50));
            Nf4 weight = random(on, random, 50, 128);
            Tensor floats = on.zeros(DType.F32, 9, 50);
            on.device.nf4Matmul(on.floats(values, 9, 128), weight, true, on.floats(bias, 50), floats, false);
            Tensor halves = on.zeros(DType.BF16, 9, 50);
            on.device.nf4Matmul(
                    on.tensor(DType.BF16, values, 9, 128),
                    weight,
                    true,
                    on.tensor(DType.BF16, bias, 50),
                    halves,
                    false);
            assertClose("c", on.read(halves), on.read(floats), 2 * Bf16.EPSILON);
        }
    }

    @OnEachDevice
    void refusesWhatDoesNotFit(String device) {
        try (Fixture on = Fixture.on(device)) {
            Nf4 weight = random(on, new Random(1), 4, 6);
            Tensor a = on.zeros(DType.F32, 2, 5);
            assertThatThrownBy(() -> on.device.nf4Matmul(a, weight, true, null, on.zeros(DType.F32, 2, 4), false))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("nf4Matmul: a is F32[2, 5] on " + device + ", expected F32[2, 6]");
            assertThatThrownBy(() -> on.device.nf4Dequantize(weight, 3, on.zeros(DType.F32, 2, 6)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("nf4Dequantize: rows [3, 5) of a weight with 4");
            assertThatThrownBy(() -> weight.write(new float[7]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Nf4: 7 elements, expected 4 x 6");
        }
    }
}
