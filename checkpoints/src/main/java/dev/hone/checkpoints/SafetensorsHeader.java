package dev.hone.checkpoints;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The header of a safetensors file: eight bytes of length, then JSON. Everything it says is checked before any of it is
 * believed: a file may come from anywhere.
 *
 * @param dataStart where in the file the first tensor begins
 * @param entries by name, in the order of their bytes
 * @see <a href="https://github.com/huggingface/safetensors#format">the format</a>
 */
record SafetensorsHeader(long dataStart, Map<String, TensorEntry> entries, Map<String, String> metadata) {

    /** Bytes of the header's length, at the file's start. */
    static final int LENGTH_BYTES = Long.BYTES;

    /** The longest header the format allows, in bytes. */
    static final int MAX_BYTES = 100_000_000;

    static final String METADATA = "__metadata__";

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    static SafetensorsHeader read(Path file, FileChannel channel) throws IOException {
        long fileBytes = channel.size();
        if (fileBytes < LENGTH_BYTES) {
            throw malformed(file, "the file has " + fileBytes + " bytes, its header's length alone takes 8");
        }
        long length = readFully(channel, 0, LENGTH_BYTES).getLong();
        if (length < 0 || length > MAX_BYTES) {
            throw malformed(
                    file,
                    "the header's length is " + Long.toUnsignedString(length) + " bytes, at most 100000000 expected");
        }
        long dataStart = LENGTH_BYTES + length;
        if (dataStart > fileBytes) {
            throw malformed(file, "the header should end at byte " + dataStart + ", the file has " + fileBytes);
        }
        JsonNode json = parse(file, readFully(channel, LENGTH_BYTES, (int) length));
        Map<String, String> metadata = new LinkedHashMap<>();
        List<TensorEntry> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> property : json.properties()) {
            if (property.getKey().equals(METADATA)) {
                metadata.putAll(metadata(file, property.getValue()));
            } else {
                entries.add(entry(file, property.getKey(), property.getValue()));
            }
        }
        entries.sort(Comparator.comparingLong(TensorEntry::begin).thenComparingLong(TensorEntry::end));
        checkTiling(file, entries, fileBytes - dataStart);
        Map<String, TensorEntry> byName = new LinkedHashMap<>();
        entries.forEach(entry -> byName.put(entry.name(), entry));
        return new SafetensorsHeader(dataStart, byName, metadata);
    }

    private static JsonNode parse(Path file, ByteBuffer header) {
        byte[] text = header.array();
        if (text.length == 0 || text[0] != '{') {
            throw malformed(file, "the header does not begin with '{'");
        }
        try {
            return JSON.readTree(text);
        } catch (JacksonException e) {
            throw malformed(file, "the header is not valid JSON: " + e.getOriginalMessage());
        }
    }

    private static Map<String, String> metadata(Path file, JsonNode node) {
        Map<String, String> metadata = new LinkedHashMap<>();
        if (!node.isObject()) {
            throw malformed(file, METADATA + " must be an object of strings");
        }
        for (Map.Entry<String, JsonNode> property : node.properties()) {
            if (!property.getValue().isString()) {
                throw malformed(file, METADATA + "." + property.getKey() + " must be a string");
            }
            metadata.put(property.getKey(), property.getValue().stringValue());
        }
        return metadata;
    }

    private static TensorEntry entry(Path file, String name, JsonNode node) {
        String tensor = "tensor '" + name + "'";
        if (!node.isObject()) {
            throw malformed(file, tensor + " must be an object with dtype, shape and data_offsets");
        }
        for (String key : node.propertyNames()) {
            if (!List.of("dtype", "shape", "data_offsets").contains(key)) {
                throw malformed(file, tensor + " has the unknown key '" + key + "'");
            }
        }
        long[] shape = integers(file, "the shape of " + tensor, node.path("shape"));
        long[] offsets = integers(file, "data_offsets of " + tensor, node.path("data_offsets"));
        if (offsets.length != 2 || offsets[0] > offsets[1]) {
            throw malformed(
                    file,
                    "data_offsets of " + tensor + " are " + Arrays.toString(offsets)
                            + ", [begin, end] with begin <= end expected");
        }
        ElementType type = type(file, tensor, node.path("dtype"));
        TensorEntry entry = new TensorEntry(name, type.name(), shape, offsets[0], offsets[1]);
        checkSize(file, tensor, entry, type);
        return entry;
    }

    private static ElementType type(Path file, String tensor, JsonNode node) {
        for (ElementType type : ElementType.values()) {
            if (node.isString() && node.stringValue().equals(type.name())) {
                return type;
            }
        }
        throw malformed(
                file,
                tensor + " has dtype " + node + ", one of " + Arrays.toString(ElementType.values()) + " expected");
    }

    private static void checkSize(Path file, String tensor, TensorEntry entry, ElementType type) {
        long expected;
        try {
            expected = Math.multiplyExact(entry.size(), type.bytes());
        } catch (ArithmeticException e) {
            throw malformed(
                    file, "the shape of " + tensor + ", " + Arrays.toString(entry.shape()) + ", overflows 64 bits");
        }
        if (expected != entry.bytes()) {
            throw malformed(
                    file,
                    tensor + " holds " + entry.bytes() + " bytes, its " + type + Arrays.toString(entry.shape())
                            + " needs " + expected);
        }
    }

    private static long[] integers(Path file, String what, JsonNode node) {
        if (!node.isArray()) {
            throw malformed(file, what + " must be a list of integers");
        }
        long[] values = new long[node.size()];
        for (int i = 0; i < values.length; i++) {
            JsonNode value = node.get(i);
            if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
                throw malformed(file, what + " holds " + value + ", an integer of at least 0 expected");
            }
            values[i] = value.longValue();
        }
        return values;
    }

    /** The entries, sorted, must cover the data exactly: no byte twice, none left over. */
    private static void checkTiling(Path file, List<TensorEntry> entries, long dataBytes) {
        long covered = 0;
        for (TensorEntry entry : entries) {
            if (entry.begin() != covered) {
                throw malformed(
                        file,
                        "tensor '" + entry.name() + "' begins at byte " + entry.begin() + " where byte " + covered
                                + " is next: the tensors " + (entry.begin() < covered ? "overlap" : "leave a hole"));
            }
            covered = entry.end();
        }
        if (covered != dataBytes) {
            throw malformed(file, "the tensors need " + covered + " bytes of data, the file holds " + dataBytes);
        }
    }

    private static ByteBuffer readFully(FileChannel channel, long position, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, position + bytes.position()) < 0) {
                throw new IOException("it became shorter while being read");
            }
        }
        return bytes.flip();
    }

    private static CheckpointException malformed(Path file, String fault) {
        return new CheckpointException(
                file + " is not a valid safetensors file: " + fault + "; fetch or save the file again");
    }
}
