package dev.hone.checkpoints;

import dev.hone.kernels.BFloat16;
import dev.hone.kernels.Float16;
import dev.hone.kernels.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.BytePointer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Writes tensors to safetensors files that Hugging Face's libraries read as they are: one, or the shards of a model. */
public final class SafetensorsWriter {

    /** Bytes of a shard, at most; what transformers long used. */
    public static final long SHARD_BYTES = 5_000_000_000L;

    /** Elements that leave a device at a time. */
    private static final int PIECE = 1 << 20;

    private static final JsonMapper JSON = new JsonMapper();

    private SafetensorsWriter() {}

    /** A tensor, and the type it has in the file. */
    private record Stored(String name, TensorValues values, ElementType type) {
        long bytes() {
            return values.size() * type.bytes();
        }
    }

    /**
     * Writes the file whole or not at all: beside its place, synced, renamed. Large tensors pass through one buffer in
     * pieces. Throws {@link CheckpointException} when it cannot be written, a file of that name then stays.
     *
     * @param tensors by name; wide element types are laid out first, so that each tensor starts aligned to its own
     * @param metadata strings for the header; {@code format: pt}, which transformers asks for, is added
     */
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        writeValues(file, TensorValues.of(tensors), metadata);
    }

    /** {@link #write} of values, which may be copies. */
    public static void writeValues(
            Path file, Map<String, ? extends TensorValues> values, Map<String, String> metadata) {
        write(file, stored(values, Map.of()), metadata);
    }

    /**
     * Writes a model's weights into a folder as transformers does: model.safetensors, or where they take more than {@code
     * shardBytes} shards of at most so many bytes each (a tensor is never split) and model.safetensors.index.json. Each
     * file appears whole or not at all, the index last.
     *
     * @param dtypes the type in the file by name, F32, BF16 or F16; left out: the tensor's
     */
    public static void writeFolder(
            Path folder, Map<String, Tensor> tensors, Map<String, String> dtypes, long shardBytes) {
        writeFolderValues(folder, TensorValues.of(tensors), dtypes, shardBytes);
    }

    /** {@link #writeFolder} of values, which may be copies. */
    public static void writeFolderValues(
            Path folder, Map<String, ? extends TensorValues> values, Map<String, String> dtypes, long shardBytes) {
        List<List<Stored>> shards = new ArrayList<>();
        long total = 0;
        long filled = 0;
        for (Stored stored : stored(values, dtypes)) {
            if (shards.isEmpty() || (filled > 0 && filled + stored.bytes() > shardBytes)) {
                shards.add(new ArrayList<>());
                filled = 0;
            }
            shards.get(shards.size() - 1).add(stored);
            filled += stored.bytes();
            total += stored.bytes();
        }
        if (shards.size() == 1) {
            write(folder.resolve("model.safetensors"), shards.get(0), Map.of());
            return;
        }
        ObjectNode index = JSON.createObjectNode();
        index.putObject("metadata").put("total_size", total);
        ObjectNode weightMap = index.putObject("weight_map");
        for (int i = 0; i < shards.size(); i++) {
            String name = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
            write(folder.resolve(name), shards.get(i), Map.of());
            shards.get(i).forEach(stored -> weightMap.put(stored.name(), name));
        }
        byte[] text = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(index);
        Durable.write(
                folder.resolve("model.safetensors.index.json"), channel -> writeFully(channel, ByteBuffer.wrap(text)));
    }

    private static List<Stored> stored(Map<String, ? extends TensorValues> tensors, Map<String, String> dtypes) {
        List<Stored> stored = new ArrayList<>();
        tensors.forEach((name, values) -> {
            String own = values.dtype().name();
            ElementType type = ElementType.valueOf(dtypes.getOrDefault(name, own));
            boolean narrows = own.equals("F32") && (type == ElementType.BF16 || type == ElementType.F16);
            stored.add(new Stored(name, values, narrows ? type : ElementType.valueOf(own)));
        });
        return stored;
    }

    private static void write(Path file, List<Stored> tensors, Map<String, String> metadata) {
        List<Stored> ordered = new ArrayList<>(tensors);
        ordered.sort(Comparator.comparing(stored -> -stored.type().bytes()));
        ByteBuffer header = header(ordered, metadata);
        long elements = Math.min(
                PIECE,
                ordered.stream()
                        .mapToLong(stored -> stored.values().size())
                        .max()
                        .orElse(0));
        // Given back at once: a direct buffer would stay until the heap, which this does not fill, is next collected.
        try (BytePointer piece = new BytePointer(Math.max(1, elements * Long.BYTES));
                BytePointer narrow = new BytePointer(Math.max(1, elements * Short.BYTES))) {
            Durable.write(file, channel -> {
                writeFully(channel, header);
                for (Stored stored : ordered) {
                    writeTensor(channel, stored, buffer(piece), buffer(narrow));
                }
            });
        }
    }

    private static ByteBuffer buffer(BytePointer memory) {
        return memory.asByteBuffer().order(ByteOrder.nativeOrder());
    }

    private static ByteBuffer header(List<Stored> tensors, Map<String, String> metadata) {
        Map<String, String> described = new LinkedHashMap<>();
        described.put("format", "pt");
        described.putAll(new TreeMap<>(metadata)); // the same bytes, whatever kind of map it is
        ObjectNode json = JSON.createObjectNode();
        json.set(SafetensorsHeader.METADATA, JSON.valueToTree(described));
        long offset = 0;
        for (Stored stored : tensors) {
            ObjectNode node = json.putObject(stored.name());
            node.put("dtype", stored.type().name());
            node.set("shape", JSON.valueToTree(stored.values().shape()));
            node.putArray("data_offsets").add(offset).add(offset + stored.bytes());
            offset += stored.bytes();
        }
        byte[] text = JSON.writeValueAsString(json).getBytes(StandardCharsets.UTF_8);
        int length = (text.length + 7) / 8 * 8;
        ByteBuffer header = ByteBuffer.allocate(Long.BYTES + length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .put(text);
        while (header.hasRemaining()) {
            header.put((byte) ' ');
        }
        return header.flip();
    }

    private static void writeTensor(FileChannel channel, Stored stored, ByteBuffer piece, ByteBuffer narrow)
            throws IOException {
        TensorValues values = stored.values();
        boolean asIs = stored.type().name().equals(values.dtype().name());
        for (long begin = 0; begin < values.size(); begin += PIECE) {
            long count = Math.min(PIECE, values.size() - begin);
            piece.clear().limit((int) (count * values.dtype().bytes()));
            values.read(begin, piece);
            piece.flip();
            writeFully(channel, asIs ? piece : narrowed(piece, stored.type(), narrow));
        }
    }

    private static ByteBuffer narrowed(ByteBuffer floats, ElementType type, ByteBuffer narrow) {
        narrow.clear();
        while (floats.hasRemaining()) {
            float value = floats.getFloat();
            narrow.putShort(type == ElementType.BF16 ? BFloat16.bits(value) : Float16.bits(value));
        }
        return narrow.flip();
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
