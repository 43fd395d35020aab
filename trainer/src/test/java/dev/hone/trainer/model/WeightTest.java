package dev.hone.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.checkpoints.CheckpointException;
import dev.hone.checkpoints.HostCopy;
import dev.hone.checkpoints.Safetensors;
import dev.hone.checkpoints.SafetensorsWriter;
import dev.hone.kernels.Arena;
import dev.hone.kernels.BFloat16;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.trainer.OnEachDevice;
import dev.hone.trainer.TestDevices;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;

class WeightTest {

    private static final int ROWS = 11;
    private static final int COLUMNS = 7;

    @TempDir
    Path folder;

    /** Of which a row and a half are F32 at a time. */
    private static Weight halves(Arena arena) {
        return new Weight(
                arena.allocate(DType.BF16, ROWS, COLUMNS),
                arena.allocate(DType.I16, ROWS, COLUMNS),
                arena.allocate(DType.F32, COLUMNS * 3 / 2));
    }

    private static Weight whole(Arena arena, DType dtype) {
        return new Weight(arena.allocate(dtype, ROWS, COLUMNS), null, null);
    }

    /** Ties of both parities among them, and what rounds to the next power of two. */
    private static float[] values() {
        float[] values = new float[ROWS * COLUMNS];
        Random random = new Random(1);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        values[3] = Float.intBitsToFloat(0x3f808000);
        values[4] = Float.intBitsToFloat(0xbf818000);
        values[5] = Float.intBitsToFloat(0x3fffc000);
        values[6] = -0f;
        return values;
    }

    private static float[] rounded(float[] values) {
        float[] rounded = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            rounded[i] = BFloat16.value(BFloat16.bits(values[i]));
        }
        return rounded;
    }

    @OnEachDevice
    void halvesAreReadWrittenAndChangedAsFloats(String name) {
        float[] values = values();
        try (Device device = TestDevices.open(name);
                Arena arena = device.arena(1 << 16);
                HostCopy copies = new HostCopy()) {
            Weight weight = halves(arena);
            weight.write(values);
            assertThat(weight.floats()).isEqualTo(values);
            assertThat(weight.rows(2, 5).floats()).isEqualTo(Arrays.copyOfRange(values, 2 * COLUMNS, 5 * COLUMNS));

            Path file = folder.resolve("halves");
            SafetensorsWriter.writeValues(file, copies.of(Map.of("w", weight)), Map.of());
            assertThat(Safetensors.open(file).entries().values())
                    .allMatch(entry -> entry.dtype().equals("F32"));
            Weight read = halves(arena);
            read.read(Safetensors.open(file), "w");
            assertThat(read.floats()).isEqualTo(values);
            assertThat(bits(read)).isEqualTo(bits(weight));

            weight.change((from, rows) -> device.scale(rows, 0.3f, rows));
            float[] changed = weight.floats();
            for (int i = 0; i < changed.length; i++) {
                assertThat(changed[i]).isEqualTo(0.3f * values[i]);
            }
        }
    }

    /** What passes see is the same by whichever way the weights came. */
    @OnEachDevice
    void oneRuleRoundsHoweverWeightsCome(String name) {
        float[] values = values();
        try (Device device = TestDevices.open(name);
                Arena arena = device.arena(1 << 16)) {
            Weight halves = halves(arena);
            halves.write(values);
            short[] expected = bits(halves);
            for (int i = 0; i < expected.length; i++) {
                assertThat(expected[i]).isEqualTo(BFloat16.bits(values[i]));
            }
            Path file = folder.resolve("floats");
            SafetensorsWriter.writeValues(file, Map.of("w", halves), Map.of());

            Weight read = whole(arena, DType.BF16);
            read.read(Safetensors.open(file), "w");
            assertThat(bits(read)).isEqualTo(expected);
            Weight copied = whole(arena, DType.BF16);
            copied.copy(halves);
            assertThat(bits(copied)).isEqualTo(expected);
            Weight exact = whole(arena, DType.F32);
            exact.copy(halves);
            assertThat(exact.floats()).isEqualTo(values);
            Weight fromExact = whole(arena, DType.BF16);
            fromExact.copy(exact);
            assertThat(bits(fromExact)).isEqualTo(expected);
            Weight again = halves(arena);
            again.copy(exact);
            assertThat(again.floats()).isEqualTo(values);
            again.copy(copied);
            assertThat(again.floats()).isEqualTo(rounded(values));
        }
    }

    @OnEachDevice
    void refusesAnotherShape(String name) {
        try (Device device = TestDevices.open(name);
                Arena arena = device.arena(1 << 16)) {
            Path file = folder.resolve("floats");
            SafetensorsWriter.writeValues(file, Map.of("w", halves(arena).flat()), Map.of());
            assertThatThrownBy(() -> halves(arena).read(Safetensors.open(file), "w"))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("has shape [77], [11, 7] expected");
        }
    }

    /** Reads bits as they lie on the device, where it may not compute with them. */
    private static short[] bits(Weight weight) {
        ByteBuffer bytes =
                ByteBuffer.allocateDirect((int) weight.computed().bytes()).order(ByteOrder.nativeOrder());
        weight.computed().device().read(weight.computed(), bytes);
        short[] bits = new short[bytes.capacity() / Short.BYTES];
        bytes.clear().asShortBuffer().get(bits);
        return bits;
    }
}
