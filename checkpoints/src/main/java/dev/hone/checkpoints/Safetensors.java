package dev.hone.checkpoints;

import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tensors in safetensors files, memory-mapped: opening reads the headers only, and bytes are paged in when used. One
 * file, or all shards of a model folder. The mappings go with this object; there is nothing to close.
 */
public final class Safetensors {

    /** Bytes of one mapping; a buffer's index is an int, so larger tensors take several. */
    private static final long MAX_MAPPING = 1L << 30;

    private final Path source;
    private final Map<String, TensorEntry> entries = new LinkedHashMap<>();
    private final Map<String, List<ByteBuffer>> mappings = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    private Safetensors(Path source) {
        this.source = source;
    }

    /** Opens one file. Throws {@link CheckpointException} when it cannot be read or is malformed anywhere. */
    public static Safetensors open(Path file) {
        Safetensors opened = new Safetensors(file);
        opened.add(file);
        return opened;
    }

    /**
     * Opens a model folder: its {@code model.safetensors}, or all shards that its {@code model.safetensors.index.json}
     * names. Throws {@link CheckpointException} when neither is there, or the index and the shards disagree.
     */
    public static Safetensors openFolder(Path folder) {
        Path whole = folder.resolve("model.safetensors");
        if (Files.exists(whole)) {
            return open(whole);
        }
        Path index = folder.resolve("model.safetensors.index.json");
        if (!Files.exists(index) && isPickled(folder)) {
            throw new CheckpointException(
                    folder + " holds its weights as pickle (pytorch_model.bin), which runs whatever"
                            + " code its author put in when it is read; fetch or convert the model to safetensors");
        }
        if (!Files.exists(index)) {
            throw new CheckpointException(folder
                    + " holds neither model.safetensors nor model.safetensors.index.json; name a model folder in"
                    + " Hugging Face form");
        }
        ShardIndex shards = ShardIndex.read(index);
        Safetensors opened = new Safetensors(folder);
        for (String shard : shards.files()) {
            opened.add(folder.resolve(shard));
        }
        shards.check(opened.entries.keySet());
        return opened;
    }

    private static boolean isPickled(Path folder) {
        return Files.exists(folder.resolve("pytorch_model.bin"))
                || Files.exists(folder.resolve("pytorch_model.bin.index.json"));
    }

    /** What the file holds, by name, in the order of its bytes; of several shards, one after the other. */
    public Map<String, TensorEntry> entries() {
        return Collections.unmodifiableMap(entries);
    }

    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(metadata);
    }

    /**
     * The bytes of a tensor: direct, read-only, little endian, paged in on use. Throws {@link CheckpointException} when
     * there is no such tensor, or it is larger than a buffer can be: {@link #read} takes those.
     */
    public ByteBuffer bytes(String name) {
        List<ByteBuffer> pieces = pieces(name);
        if (pieces.size() > 1) {
            throw new CheckpointException(
                    source + ": tensor '" + name + "' is larger than one buffer; read it into a tensor");
        }
        return pieces.get(0).duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Copies a tensor to a device, converting between floating-point types where they differ (to nearest, to BF16 as {@link Device#split} rounds). Throws
     * {@link CheckpointException} when there is no such tensor, its shape is another, or its type does not convert.
     *
     * @param to contiguous
     */
    public void read(String name, Tensor to) {
        read(name, to.shape(), 0, to.reshape(to.size()));
    }

    /**
     * {@link #read(String, Tensor)} of a part of a tensor: as many elements as {@code to} has, counted row after row.
     *
     * @param shape what the whole tensor's must be
     * @param begin the first element
     * @param to contiguous
     */
    public void read(String name, long[] shape, long begin, Tensor to) {
        TensorEntry entry = entry(name);
        if (!Arrays.equals(entry.shape(), shape)) {
            throw new CheckpointException(source + ": tensor '" + name + "' has shape " + Arrays.toString(entry.shape())
                    + ", " + Arrays.toString(shape)
                    + " expected; check that config.json belongs to these weights");
        }
        Conversion conversion = Conversion.between(ElementType.valueOf(entry.dtype()), to.dtype());
        if (conversion == null) {
            throw new CheckpointException(source + ": tensor '" + name + "' is " + entry.dtype()
                    + ", which does not become " + to.dtype() + "; convert the file first");
        }
        Tensor flat = to.reshape(to.size());
        int width = ElementType.valueOf(entry.dtype()).bytes();
        long from = begin * width;
        long until = from + flat.size() * width;
        long at = 0;
        long done = 0;
        for (ByteBuffer piece : pieces(name)) {
            long first = Math.max(from, at);
            long length = Math.min(until, at + piece.capacity()) - first;
            if (length > 0) {
                ByteBuffer part = piece.slice((int) (first - at), (int) length).order(ByteOrder.LITTLE_ENDIAN);
                done += conversion.copy(part, flat, done);
            }
            at += piece.capacity();
        }
    }

    private void add(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            SafetensorsHeader header = SafetensorsHeader.read(file, channel);
            for (TensorEntry entry : header.entries().values()) {
                if (entries.put(entry.name(), entry) != null) {
                    throw new CheckpointException(
                            file + " holds tensor '" + entry.name() + "' a second time; fetch the model folder again");
                }
                mappings.put(entry.name(), map(channel, header.dataStart(), entry));
            }
            metadata.putAll(header.metadata());
        } catch (IOException e) {
            throw CheckpointException.reading(file, e);
        }
    }

    private static List<ByteBuffer> map(FileChannel channel, long dataStart, TensorEntry entry) throws IOException {
        List<ByteBuffer> pieces = new ArrayList<>();
        long begin = entry.begin();
        do {
            long length = Math.min(MAX_MAPPING, entry.end() - begin);
            pieces.add(channel.map(FileChannel.MapMode.READ_ONLY, dataStart + begin, length));
            begin += length;
        } while (begin < entry.end());
        return pieces;
    }

    private TensorEntry entry(String name) {
        TensorEntry entry = entries.get(name);
        if (entry == null) {
            throw new CheckpointException(
                    source + " holds no tensor '" + name + "'; check that config.json belongs to these" + " weights");
        }
        return entry;
    }

    private List<ByteBuffer> pieces(String name) {
        return mappings.getOrDefault(entry(name).name(), List.of());
    }
}
