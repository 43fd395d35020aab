package dev.hone.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShardedTest {

    @TempDir
    Path folder;

    @BeforeEach
    void writeTwoShards() throws IOException {
        shard("model-00001-of-00002.safetensors", "a", 11);
        shard("model-00002-of-00002.safetensors", "b", 22);
    }

    @Test
    void readsAllShardsAsOne() throws IOException {
        index(
                "{\"weight_map\":{\"b\":\"model-00002-of-00002.safetensors\",\"a\":\"model-00001-of-00002.safetensors\"}}");

        Safetensors model = Safetensors.openFolder(folder);

        assertThat(model.entries().keySet()).containsExactly("a", "b");
        assertThat(model.bytes("a").get()).isEqualTo((byte) 11);
        assertThat(model.bytes("b").get()).isEqualTo((byte) 22);
    }

    @Test
    void readsAFolderWithOneFile() throws IOException {
        shard("model.safetensors", "whole", 33);

        assertThat(Safetensors.openFolder(folder).bytes("whole").get()).isEqualTo((byte) 33);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"weight_map\"                                                 | is not valid JSON",
                "{\"metadata\":{}}                                               | has no weight_map from tensor to"
                        + " shard",
                "{\"weight_map\":{\"a\":\"../secret.safetensors\"}}              | weight_map.a is"
                        + " \"../secret.safetensors\", the name of a .safetensors file beside it expected",
                "{\"weight_map\":{\"a\":\"weights.bin\"}}                        | weight_map.a is \"weights.bin\"",
                "{\"weight_map\":{\"a\":\"model-00001-of-00002.safetensors\",\"c\":\"model-00002-of-00002.safetensors\"}}"
                        + " | lists tensor 'c', model-00002-of-00002.safetensors does not hold it",
                "{\"weight_map\":{\"a\":\"model-00002-of-00002.safetensors\"}}   | lists tensor 'a',"
                        + " model-00002-of-00002.safetensors does not hold it",
            })
    void refusesAnIndexThatLies(String index, String fault) throws IOException {
        index(index);
        refuses(fault);
    }

    @Test
    void refusesATensorTheIndexDoesNotList() throws IOException {
        shard("model-00002-of-00002.safetensors", "a", 22);
        index(
                "{\"weight_map\":{\"a\":\"model-00001-of-00002.safetensors\",\"b\":\"model-00002-of-00002.safetensors\"}}");
        refuses("model-00002-of-00002.safetensors holds tensor 'a' a second time");
    }

    @Test
    void namesAMissingShard() throws IOException {
        Files.delete(folder.resolve("model-00002-of-00002.safetensors"));
        index(
                "{\"weight_map\":{\"a\":\"model-00001-of-00002.safetensors\",\"b\":\"model-00002-of-00002.safetensors\"}}");
        refuses("model-00002-of-00002.safetensors (no such file)");
    }

    @Test
    void refusesPickledWeights() throws IOException {
        Files.writeString(folder.resolve("pytorch_model.bin"), "whatever");
        refuses("holds its weights as pickle (pytorch_model.bin)");
    }

    @Test
    void refusesAFolderWithoutWeights() {
        refuses("holds neither model.safetensors nor model.safetensors.index.json");
    }

    private void refuses(String fault) {
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> Safetensors.openFolder(folder))
                .withMessageContaining(folder.toString())
                .withMessageContaining(fault);
    }

    private void index(String json) throws IOException {
        Files.writeString(folder.resolve("model.safetensors.index.json"), json);
    }

    /** A file of one byte, worked by hand. */
    private void shard(String file, String name, int value) throws IOException {
        byte[] header = ("{\"" + name + "\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}")
                .getBytes(StandardCharsets.UTF_8);
        Files.write(
                folder.resolve(file),
                ByteBuffer.allocate(8 + header.length + 1)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(header.length)
                        .put(header)
                        .put((byte) value)
                        .array());
    }
}
