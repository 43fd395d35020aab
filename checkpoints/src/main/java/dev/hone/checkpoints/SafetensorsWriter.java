package dev.hone.checkpoints;

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
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Writes tensors to one safetensors file that Hugging Face's libraries read as it is. */
public final class SafetensorsWriter {

    /** Bytes that leave a device at a time. */
    private static final int PIECE = 8 << 20;

    private static final JsonMapper JSON = new JsonMapper();

    private SafetensorsWriter() {}

    /**
     * Writes the file whole or not at all: beside its place, synced, renamed. Tensors larger than 8 MiB pass through one
     * buffer in pieces. Throws {@link CheckpointException} when it cannot be written, a file of that name then stays.
     *
     * @param tensors by name; wide element types are laid out first, so that each tensor starts aligned to its own
     * @param metadata strings for the header; {@code format: pt}, which transformers asks for, is added
     */
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        List<Map.Entry<String, Tensor>> ordered = new ArrayList<>(tensors.entrySet());
        ordered.sort(Comparator.comparing(entry -> -entry.getValue().dtype().bytes()));
        ByteBuffer header = header(ordered, metadata);
        Durable.write(file, channel -> {
            writeFully(channel, header);
            ByteBuffer piece = ByteBuffer.allocateDirect(PIECE).order(ByteOrder.nativeOrder());
            for (Map.Entry<String, Tensor> entry : ordered) {
                writeTensor(channel, entry.getValue(), piece);
            }
        });
    }

    private static ByteBuffer header(List<Map.Entry<String, Tensor>> tensors, Map<String, String> metadata) {
        Map<String, String> described = new LinkedHashMap<>();
        described.put("format", "pt");
        described.putAll(metadata);
        ObjectNode json = JSON.createObjectNode();
        json.set(SafetensorsHeader.METADATA, JSON.valueToTree(described));
        long offset = 0;
        for (Map.Entry<String, Tensor> entry : tensors) {
            Tensor tensor = entry.getValue();
            ObjectNode node = json.putObject(entry.getKey());
            node.put("dtype", tensor.dtype().name());
            node.set("shape", JSON.valueToTree(tensor.shape()));
            node.putArray("data_offsets").add(offset).add(offset + tensor.bytes());
            offset += tensor.bytes();
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

    private static void writeTensor(FileChannel channel, Tensor tensor, ByteBuffer piece) throws IOException {
        if (tensor.isContiguous()) {
            writeFlat(channel, tensor.reshape(tensor.size()), piece);
            return;
        }
        for (long row = 0; row < tensor.dim(0); row++) {
            writeFlat(channel, tensor.rows(row, row + 1).reshape(tensor.rowSize()), piece);
        }
    }

    private static void writeFlat(FileChannel channel, Tensor flat, ByteBuffer piece) throws IOException {
        long step = PIECE / flat.dtype().bytes();
        for (long begin = 0; begin < flat.size(); begin += step) {
            Tensor part = flat.rows(begin, Math.min(begin + step, flat.size()));
            piece.clear().limit((int) part.bytes());
            flat.device().read(part, piece.slice().order(ByteOrder.nativeOrder()));
            writeFully(channel, piece);
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
