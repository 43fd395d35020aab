package dev.hone.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.hone.kernels.Arena;
import dev.hone.kernels.BFloat16;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Devices;
import dev.hone.kernels.Float16;
import dev.hone.kernels.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {

    private static Device device;
    private static Arena arena;

    @TempDir
    Path folder;

    @BeforeAll
    static void open() {
        device = Devices.open("nd4j");
        arena = device.arena(64 << 20);
    }

    @AfterAll
    static void close() {
        arena.close();
        device.close();
    }

    /** written.safetensors is what Hugging Face's own library writes for the same tensors. */
    @Test
    void writesTheBytesOfTheReferenceLibrary() throws Exception {
        Tensor weight = arena.allocate(DType.F32, 2, 3);
        device.write(new float[] {0, 0.5f, 1, 1.5f, 2, 2.5f}, weight);
        Tensor ids = arena.allocate(DType.I32, 2);
        device.write(new int[] {5, -7}, ids);
        Tensor steps = arena.allocate(DType.I64, 1);
        device.write(new long[] {1L << 40}, steps);
        Tensor half = arena.allocate(DType.BF16, 2);
        device.write(bytes(4).putShort((short) 0x3f80).putShort((short) 0xc049).flip(), half);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("half", half);
        tensors.put("weight", weight);
        tensors.put("ids", ids);
        tensors.put("steps", steps);

        Path file = folder.resolve("model.safetensors");
        SafetensorsWriter.write(file, tensors, Map.of());

        assertThat(Files.readAllBytes(file))
                .isEqualTo(Files.readAllBytes(SafetensorsTest.resource("written.safetensors")));
    }

    @Test
    void readsBackWhatItWrote() {
        // More than one piece, and not a whole number of them.
        Tensor large = random(DType.F32, 3, 1_000_003);
        Tensor spaced = random(DType.F32, 5, 12).columns(3, 7);
        Path file = folder.resolve("model.safetensors");
        SafetensorsWriter.write(file, Map.of("large", large, "spaced", spaced), Map.of("step", "12"));

        Safetensors read = Safetensors.open(file);

        assertThat(read.metadata()).containsEntry("step", "12").containsEntry("format", "pt");
        Tensor largeAgain = arena.allocate(DType.F32, 3, 1_000_003);
        read.read("large", largeAgain);
        assertThat(floats(largeAgain)).isEqualTo(floats(large));
        Tensor spacedAgain = arena.allocate(DType.F32, 5, 4);
        read.read("spaced", spacedAgain);
        for (int row = 0; row < 5; row++) {
            assertThat(floats(spacedAgain.rows(row, row + 1))).isEqualTo(floats(spaced.rows(row, row + 1)));
        }
    }

    @Test
    void convertsBetweenFloatingPointTypes() throws Exception {
        Safetensors reference = Safetensors.open(SafetensorsTest.resource("reference.safetensors"));

        assertThat(read(reference, "f16", 4)).containsExactly(1.5f, -65504, 0x1p-24f, Float.POSITIVE_INFINITY);
        assertThat(read(reference, "bf16", 3)).containsExactly(1, -3.140625f, Float.intBitsToFloat(0x714a << 16));
        assertThat(read(reference, "f64", 1)).containsExactly((float) Math.PI);

        Tensor rounded = arena.allocate(DType.BF16, 2, 3);
        reference.read("f32", rounded);
        ByteBuffer bits = bytes(12);
        device.read(rounded, bits);
        assertThat(bits.getShort(2)).isEqualTo((short) 0x3f00);
    }

    /** All 65,536 halves: sign, exponent and fraction put together by arithmetic. */
    @Test
    void everyHalfHasItsValue() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            int exponent = bits >> 10 & 31;
            double fraction = (bits & 1023) / 1024.0;
            double magnitude = exponent == 31
                    ? (fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
                    : exponent == 0 ? Math.scalb(fraction, -14) : Math.scalb(1 + fraction, exponent - 15);
            assertThat(Float16.value((short) bits))
                    .isEqualTo(Float.valueOf((float) (bits >> 15 == 0 ? magnitude : -magnitude)));
        }
    }

    /** As transformers shards: each file whole and at most so large, an index that names the shard of every tensor. */
    @Test
    void writesShardsWithTheirIndex() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (String name : new String[] {"a", "b", "c", "d", "e"}) {
            tensors.put(name, random(DType.F32, 10, name.charAt(0) - 'a' + 1));
        }
        SafetensorsWriter.writeFolder(folder, tensors, Map.of("e", "BF16"), 150);

        assertThat(folder)
                .isDirectoryContaining("glob:**model-00001-of-00004.safetensors")
                .isDirectoryContaining("glob:**model-00004-of-00004.safetensors")
                .isDirectoryNotContaining("glob:**model.safetensors");
        assertThat(Files.readString(folder.resolve("model.safetensors.index.json")))
                .contains("\"total_size\" : " + (40 + 80 + 120 + 160 + 100))
                .contains("\"a\" : \"model-00001-of-00004.safetensors\"")
                .contains("\"e\" : \"model-00004-of-00004.safetensors\"");
        Safetensors read = Safetensors.openFolder(folder);
        assertThat(read.entries().values()).extracting(TensorEntry::dtype).containsOnly("F32", "BF16");
        tensors.forEach((name, tensor) -> {
            Tensor again = arena.allocate(DType.F32, tensor.shape());
            read.read(name, again);
            assertThat(floats(again)).containsExactly(floats(tensor), within(name.equals("e") ? 0x1p-8f : 0f));
        });
    }

    @Test
    void halvesRoundToNearestEven() {
        assertThat(Float16.bits(1 + 0x1p-11f)).isEqualTo((short) 0x3c00);
        assertThat(Float16.bits(1 + 0x1.8p-10f)).isEqualTo((short) 0x3c02);
        assertThat(Float16.bits(65519.99f)).isEqualTo((short) 0x7bff);
        assertThat(Float16.bits(-65520f)).isEqualTo((short) 0xfc00);
        assertThat(Float16.bits(0x1p-25f)).isEqualTo((short) 0);
        assertThat(Float16.bits(0x1.8p-24f)).isEqualTo((short) 2);
        for (int bits = 0; bits < 0x7c00; bits++) {
            assertThat(Float16.bits(Float16.value((short) bits))).isEqualTo((short) bits);
        }
    }

    /** The values of the paper's table 1, and one, which torch.float8_e4m3fn gives too. */
    @Test
    void quartersHaveTheirValues() {
        assertThat(Conversion.quarter((byte) 0x00)).isZero();
        assertThat(Conversion.quarter((byte) 0x01)).isEqualTo(0x1p-9f);
        assertThat(Conversion.quarter((byte) 0x07)).isEqualTo(0.875f * 0x1p-6f);
        assertThat(Conversion.quarter((byte) 0x08)).isEqualTo(0x1p-6f);
        assertThat(Conversion.quarter((byte) 0x38)).isEqualTo(1f);
        assertThat(Conversion.quarter((byte) 0x7e)).isEqualTo(448f);
        assertThat(Conversion.quarter((byte) 0xfe)).isEqualTo(-448f);
        assertThat(Conversion.quarter((byte) 0x7f)).isNaN();
    }

    /** The order of {@code Map.of} is another in each process. */
    @Test
    void metadataIsInTheOrderOfItsKeys() throws IOException {
        Path file = folder.resolve("described");
        Map<String, String> metadata = new LinkedHashMap<>();
        for (String key : List.of("d", "b", "c", "a")) {
            metadata.put(key, "1");
        }
        SafetensorsWriter.write(file, Map.of(), metadata);
        assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                .contains("{\"format\":\"pt\",\"a\":\"1\",\"b\":\"1\",\"c\":\"1\",\"d\":\"1\"}");
    }

    @Test
    void bfloat16RoundsToNearestAwayFromZero() {
        assertThat(BFloat16.bits(Float.intBitsToFloat(0x3f807fff))).isEqualTo((short) 0x3f80);
        assertThat(BFloat16.bits(Float.intBitsToFloat(0x3f808000))).isEqualTo((short) 0x3f81);
        assertThat(BFloat16.bits(Float.intBitsToFloat(0xbf818000))).isEqualTo((short) 0xbf82);
        assertThat(BFloat16.bits(-Float.MAX_VALUE)).isEqualTo((short) 0xff80);
        assertThat(BFloat16.bits(Float.intBitsToFloat(0x7f800001))).isEqualTo((short) 0x7fc0);
    }

    @Test
    void namesAShapeThatIsAnother() throws Exception {
        Safetensors reference = Safetensors.open(SafetensorsTest.resource("reference.safetensors"));
        Tensor wrong = arena.allocate(DType.F32, 3, 2);
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> reference.read("f32", wrong))
                .withMessageContaining("tensor 'f32' has shape [2, 3], [3, 2] expected");
    }

    @Test
    void namesATypeThatDoesNotConvert() throws Exception {
        Safetensors reference = Safetensors.open(SafetensorsTest.resource("reference.safetensors"));
        Tensor floats = arena.allocate(DType.F32, 2);
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> reference.read("i64", floats))
                .withMessageContaining("tensor 'i64' is I64, which does not become F32");
    }

    @Test
    void aFailedWriteLeavesTheFileThatWasThere() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> SafetensorsWriter.write(
                        file.resolve("model.safetensors"), Map.of("a", random(DType.F32, 4)), Map.of()))
                .withMessageStartingWith("Cannot write " + file.resolve("model.safetensors"));
    }

    private static float[] read(Safetensors file, String name, long... shape) {
        Tensor tensor = arena.allocate(DType.F32, shape);
        file.read(name, tensor);
        return floats(tensor);
    }

    private static Tensor random(DType dtype, long... shape) {
        Tensor tensor = arena.allocate(dtype, shape);
        Random random = new Random(tensor.size());
        float[] values = new float[(int) tensor.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        device.write(values, tensor);
        return tensor;
    }

    private static float[] floats(Tensor tensor) {
        float[] values = new float[(int) tensor.size()];
        device.read(tensor, values);
        return values;
    }

    private static ByteBuffer bytes(int length) {
        return ByteBuffer.allocateDirect(length).order(ByteOrder.nativeOrder());
    }
}
