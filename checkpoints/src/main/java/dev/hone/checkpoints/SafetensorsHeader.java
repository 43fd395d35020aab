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

    /** What is wrong with a header; {@link #read} says with which file. */
    private static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String fault) {
            super(fault);
        }
    }

    static SafetensorsHeader read(Path file, FileChannel channel) throws IOException {
        try {
            return read(channel);
        } catch (Malformed e) {
            throw new CheckpointException(
                    file + " is not a valid safetensors file: " + e.getMessage() + "; fetch or save the file again");
        }
    }

    private static SafetensorsHeader read(FileChannel channel) throws IOException, Malformed {
        long fileBytes = channel.size();
        if (fileBytes < LENGTH_BYTES) {
            throw new Malformed("the file has " + fileBytes + " bytes, its header's length alone takes 8");
        }
        long length = readFully(channel, 0, LENGTH_BYTES).getLong();
        if (length < 0 || length > MAX_BYTES) {
            throw new Malformed(
                    "the header's length is " + Long.toUnsignedString(length) + " bytes, at most 100000000 expected");
        }
        long dataStart = LENGTH_BYTES + length;
        if (dataStart > fileBytes) {
            throw new Malformed("the header should end at byte " + dataStart + ", the file has " + fileBytes);
        }
        JsonNode json = parse(readFully(channel, LENGTH_BYTES, (int) length));
        Map<String, String> metadata = new LinkedHashMap<>();
        List<TensorEntry> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> property : json.properties()) {
            if (property.getKey().equals(METADATA)) {
                metadata.putAll(metadata(property.getValue()));
            } else {
                entries.add(entry(property.getKey(), property.getValue()));
            }
        }
        entries.sort(Comparator.comparingLong(TensorEntry::begin).thenComparingLong(TensorEntry::end));
        checkTiling(entries, fileBytes - dataStart);
        Map<String, TensorEntry> byName = new LinkedHashMap<>();
        entries.forEach(entry -> byName.put(entry.name(), entry));
        return new SafetensorsHeader(dataStart, byName, metadata);
    }

    private static JsonNode parse(ByteBuffer header) throws Malformed {
        byte[] text = header.array();
        if (text.length == 0 || text[0] != '{') {
            throw new Malformed("the header does not begin with '{'");
        }
        try {
            return JSON.readTree(text);
        } catch (JacksonException e) {
            throw new Malformed("the header is not valid JSON: " + e.getOriginalMessage());
        }
    }

    private static Map<String, String> metadata(JsonNode node) throws Malformed {
        Map<String, String> metadata = new LinkedHashMap<>();
        if (!node.isObject()) {
            throw new Malformed(METADATA + " must be an object of strings");
        }
        for (Map.Entry<String, JsonNode> property : node.properties()) {
            if (!property.getValue().isString()) {
                throw new Malformed(METADATA + "." + property.getKey() + " must be a string");
            }
            metadata.put(property.getKey(), property.getValue().stringValue());
        }
        return metadata;
    }

    private static TensorEntry entry(String name, JsonNode node) throws Malformed {
        String tensor = "tensor '" + name + "'";
        if (!node.isObject()) {
            throw new Malformed(tensor + " must be an object with dtype, shape and data_offsets");
        }
        for (String key : node.propertyNames()) {
            if (!List.of("dtype", "shape", "data_offsets").contains(key)) {
                throw new Malformed(tensor + " has the unknown key '" + key + "'");
            }
        }
        long[] shape = integers("the shape of " + tensor, node.path("shape"));
        long[] offsets = integers("data_offsets of " + tensor, node.path("data_offsets"));
        if (offsets.length != 2 || offsets[0] > offsets[1]) {
            throw new Malformed("data_offsets of " + tensor + " are " + Arrays.toString(offsets)
                    + ", [begin, end] with begin <= end expected");
        }
        ElementType type = type(tensor, node.path("dtype"));
        TensorEntry entry = new TensorEntry(name, type.name(), shape, offsets[0], offsets[1]);
        checkSize(tensor, entry, type);
        return entry;
    }

    private static ElementType type(String tensor, JsonNode node) throws Malformed {
        for (ElementType type : ElementType.values()) {
            if (node.isString() && node.stringValue().equals(type.name())) {
                return type;
            }
        }
        throw new Malformed(
                tensor + " has dtype " + node + ", one of " + Arrays.toString(ElementType.values()) + " expected");
    }

    private static void checkSize(String tensor, TensorEntry entry, ElementType type) throws Malformed {
        long expected;
        try {
            expected = Math.multiplyExact(entry.size(), type.bytes());
        } catch (ArithmeticException e) {
            throw new Malformed(
                    "the shape of " + tensor + ", " + Arrays.toString(entry.shape()) + ", overflows 64 bits");
        }
        if (expected != entry.bytes()) {
            throw new Malformed(tensor + " holds " + entry.bytes() + " bytes, its " + type
                    + Arrays.toString(entry.shape()) + " needs " + expected);
        }
    }

    private static long[] integers(String what, JsonNode node) throws Malformed {
        if (!node.isArray()) {
            throw new Malformed(what + " must be a list of integers");
        }
        long[] values = new long[node.size()];
        for (int i = 0; i < values.length; i++) {
            JsonNode value = node.get(i);
            if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
                throw new Malformed(what + " holds " + value + ", an integer of at least 0 expected");
            }
            values[i] = value.longValue();
        }
        return values;
    }

    /** The entries, sorted, must cover the data exactly: no byte twice, none left over. */
    private static void checkTiling(List<TensorEntry> entries, long dataBytes) throws Malformed {
        long covered = 0;
        for (TensorEntry entry : entries) {
            if (entry.begin() != covered) {
                throw new Malformed("tensor '" + entry.name() + "' begins at byte " + entry.begin() + " where byte "
                        + covered + " is next: the tensors " + (entry.begin() < covered ? "overlap" : "leave a hole"));
            }
            covered = entry.end();
        }
        if (covered != dataBytes) {
            throw new Malformed("the tensors need " + covered + " bytes of data, the file holds " + dataBytes);
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
}
