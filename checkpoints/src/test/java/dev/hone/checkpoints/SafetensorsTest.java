package dev.hone.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {

    @TempDir
    Path folder;

    /** reference.safetensors comes from Hugging Face's own library: see make_reference.py beside it. */
    @Test
    void readsWhatTheReferenceLibraryWrote() throws Exception {
        Safetensors file = Safetensors.open(resource("reference.safetensors"));

        assertThat(file.metadata()).containsExactlyEntriesOf(Map.of("format", "pt"));
        assertThat(file.entries().keySet())
                .containsExactlyInAnyOrder("bf16", "empty", "f16", "f32", "f64", "flag", "i32", "i64", "scalar", "u8");
        assertThat(shape(file, "f32")).containsExactly(2, 3);
        assertThat(shape(file, "empty")).containsExactly(0, 4);
        assertThat(shape(file, "scalar")).isEmpty();

        float[] f32 = new float[6];
        file.bytes("f32").asFloatBuffer().get(f32);
        assertThat(f32).containsExactly(0, 0.5f, 1, 1.5f, 2, 2.5f);
        assertThat(file.bytes("i64").getLong(8)).isEqualTo(-(1L << 40));
        assertThat(file.bytes("i32").getInt(4)).isEqualTo(-7);
        assertThat(file.bytes("f64").getDouble()).isEqualTo(Math.PI);
        assertThat(file.bytes("scalar").getFloat()).isEqualTo(42);
        assertThat(file.bytes("u8").get(2)).isEqualTo((byte) 255);
        assertThat(file.bytes("empty").remaining()).isZero();
        assertThat(file.bytes("f32").isDirect()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // Headers, the bytes of data after them, and what the sentence must say.
                "[1]                                                            | 0 | does not begin with '{'",
                "{\"a\":                                                        | 0 | not valid JSON",
                "{} trailing                                                    | 0 | not valid JSON",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}} | 2 | Duplicate Object property \"a\"",
                "{\"a\":7}                                                      | 0 | tensor 'a' must be an object with dtype, shape and data_offsets",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"x\":1}} | 1 | tensor 'a' has the unknown key 'x'",
                "{\"a\":{\"dtype\":\"Q4\",\"shape\":[1],\"data_offsets\":[0,1]}} | 1 | tensor 'a' has dtype \"Q4\", one of [BOOL",
                "{\"a\":{\"shape\":[1],\"data_offsets\":[0,1]}}                 | 1 | tensor 'a' has dtype",
                "{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}              | 1 | the shape of tensor 'a' must be a list of integers",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,1]}} | 1 | the shape of tensor 'a' holds -1, an integer of at least 0 expected",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[1.5],\"data_offsets\":[0,1]}} | 1 | the shape of tensor 'a' holds 1.5",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}  | 1 | data_offsets of tensor 'a' are [0], [begin, end] with begin <= end expected",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,0]}} | 1 | data_offsets of tensor 'a' are [1, 0]",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}} | 4 | tensor 'a' holds 4 bytes, its F32[2] needs 8",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}} | 0 | overflows 64 bits",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}} | 2 | tensor 'a' begins at byte 1 where byte 0 is next: the tensors leave a hole",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}} | 3 | tensor 'b' begins at byte 1 where byte 2 is next: the tensors overlap",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[9],\"data_offsets\":[0,9]}} | 4 | the tensors need 9 bytes of data, the file holds 4",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}} | 4 | the tensors need 1 bytes of data, the file holds 4",
                "{\"__metadata__\":[]}                                          | 0 | __metadata__ must be an object of strings",
                "{\"__metadata__\":{\"k\":1}}                                   | 0 | __metadata__.k must be a string",
            })
    void refusesAMalformedHeader(String header, int dataBytes, String fault) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        refuses(
                ByteBuffer.allocate(8 + text.length + dataBytes)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(text.length)
                        .put(text)
                        .array(),
                fault);
    }

    @Test
    void refusesAFileTooShortForItsLength() throws IOException {
        refuses(new byte[5], "the file has 5 bytes, its header's length alone takes 8");
    }

    @Test
    void refusesALengthBeyondTheFormatsLimit() throws IOException {
        refuses(length(100_000_001), "the header's length is 100000001 bytes, at most 100000000 expected");
        refuses(length(-1), "the header's length is 18446744073709551615 bytes");
    }

    @Test
    void refusesALengthBeyondTheFile() throws IOException {
        refuses(length(64), "the header should end at byte 72, the file has 8");
    }

    @Test
    void refusesATruncatedFile() throws Exception {
        byte[] whole = Files.readAllBytes(resource("reference.safetensors"));
        refuses(Arrays.copyOf(whole, whole.length - 3), "bytes of data, the file holds");
    }

    /** Whatever bytes a header holds, it is read or refused by the one exception for that. */
    @Test
    void survivesRandomDamage() throws Exception {
        byte[] whole = Files.readAllBytes(resource("reference.safetensors"));
        Random random = new Random(8);
        int refused = 0;
        for (int trial = 0; trial < 2000; trial++) {
            byte[] damaged = Arrays.copyOf(whole, whole.length - random.nextInt(2) * random.nextInt(whole.length));
            for (int flip = random.nextInt(4); flip >= 0 && damaged.length > 0; flip--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            Path file = Files.write(folder.resolve("damaged.safetensors"), damaged);
            try {
                Safetensors.open(file).entries().keySet().forEach(Safetensors.open(file)::bytes);
            } catch (CheckpointException expected) {
                refused++;
            }
        }
        assertThat(refused).isBetween(1000, 1999);
    }

    @Test
    void namesAMissingFile() {
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> Safetensors.open(folder.resolve("none.safetensors")))
                .withMessage("Cannot read " + folder.resolve("none.safetensors")
                        + " (no such file); check the path and its permissions");
    }

    @Test
    void namesAMissingTensor() throws Exception {
        Safetensors file = Safetensors.open(resource("reference.safetensors"));
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> file.bytes("lm_head.weight"))
                .withMessageContaining("holds no tensor 'lm_head.weight'");
    }

    private void refuses(byte[] bytes, String fault) throws IOException {
        Path file = Files.write(folder.resolve("bad.safetensors"), bytes);
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> Safetensors.open(file))
                .withMessageStartingWith(file + " is not a valid safetensors file: ")
                .withMessageContaining(fault)
                .withMessageEndingWith("; fetch or save the file again");
    }

    private static long[] shape(Safetensors file, String name) {
        return Objects.requireNonNull(file.entries().get(name)).shape();
    }

    private static byte[] length(long value) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
    }

    static Path resource(String name) throws URISyntaxException {
        return Path.of(
                Objects.requireNonNull(SafetensorsTest.class.getResource(name)).toURI());
    }
}
