package dev.hone.perf.loading;

import dev.hone.checkpoints.SafetensorsWriter;
import dev.hone.kernels.Device;
import dev.hone.kernels.Devices;
import dev.hone.trainer.model.ModelConfig;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.model.TransformerOptions;
import dev.hone.trainer.model.Weight;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Bytes of weights loaded a second, from shards into a model's memory, beside a plain sequential read of the same files
 * into memory as large as they are. By turns in one process, from the page cache for both. The memory beside the weights
 * is what the process's own pages grow by while it loads, those of the model being there before.
 *
 * <p>Arguments: MiB of float32 weights (512), and a folder to put the shards in for the time of it (java.io.tmpdir).
 */
public final class LoadBench {

    private static final int REPEATS = 7;
    private static final int SHARDS = 4;
    private static final int READ_BYTES = 8 << 20;

    private LoadBench() {}

    public static void main(String[] arguments) throws IOException {
        long bytes = Long.parseLong(arguments.length > 0 ? arguments[0] : "512") << 20;
        Path parent = Path.of(arguments.length > 1 ? arguments[1] : System.getProperty("java.io.tmpdir"));
        Path folder = Files.createTempDirectory(parent, "hone-load-");
        System.out.println(
                "| type in the files | plain read, GB/s | hone, GB/s | ratio | hone's memory beside the weights, MiB |");
        System.out.println("| --- | ---: | ---: | ---: | ---: |");
        try (Device device = Devices.best();
                Transformer model = Transformer.create(device, config(bytes), TransformerOptions.inference(1))) {
            model.initialize(1);
            for (String dtype : List.of("F32", "BF16", "F16")) {
                row(model, dtype, folder);
            }
        } finally {
            remove(folder);
        }
    }

    /** Of layers of about 25 MiB, as many as make {@code bytes}. */
    private static ModelConfig config(long bytes) {
        int width = 640;
        long layer = 4L * (4 * width * width + 3 * width * 4 * width);
        return new ModelConfig(
                8192, width, 4 * width, (int) Math.max(1, bytes / layer), 8, 8, width / 8, 64, 1e4, 1e-5, false, true);
    }

    private static void row(Transformer model, String dtype, Path folder) throws IOException {
        Map<String, Weight> weights = model.parameters().named();
        Map<String, String> dtypes = weights.keySet().stream().collect(Collectors.toMap(name -> name, name -> dtype));
        long total = weights.values().stream().mapToLong(Weight::size).sum() * (dtype.equals("F32") ? 4 : 2);
        empty(folder);
        SafetensorsWriter.writeFolderValues(folder, weights, dtypes, total / SHARDS + 1);
        model.config().write(folder);
        List<Path> files = shards(folder);
        long size = 0;
        for (Path file : files) {
            size += Files.size(file);
        }
        List<Double> plain = new ArrayList<>();
        List<Double> hone = new ArrayList<>();
        long extra = AnonymousMemory.growthIn(() -> model.readWeights(folder));
        ByteBuffer memory = ByteBuffer.allocateDirect(Math.toIntExact(size));
        plainRead(files, memory);
        for (int i = 0; i < REPEATS; i++) {
            long start = System.nanoTime();
            plainRead(files, memory);
            long between = System.nanoTime();
            model.readWeights(folder);
            plain.add(size / (double) (between - start));
            hone.add(size / (double) (System.nanoTime() - between));
        }
        double peer = median(plain);
        double own = median(hone);
        System.out.printf("| %s | %.2f | %.2f | %.2f | %.0f |%n", dtype, peer, own, own / peer, extra / 0x1p20);
    }

    private static void plainRead(List<Path> files, ByteBuffer memory) throws IOException {
        memory.clear();
        for (Path file : files) {
            try (FileChannel channel = FileChannel.open(file)) {
                while (channel.read(limited(memory)) > 0) {
                    memory.limit(memory.capacity());
                }
                memory.limit(memory.capacity());
            }
        }
    }

    private static ByteBuffer limited(ByteBuffer memory) {
        return memory.limit(Math.min(memory.capacity(), memory.position() + READ_BYTES));
    }

    private static double median(List<Double> values) {
        Collections.sort(values);
        return values.get(values.size() / 2);
    }

    private static List<Path> shards(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".safetensors"))
                    .sorted()
                    .toList();
        }
    }

    private static void empty(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    private static void remove(Path folder) throws IOException {
        empty(folder);
        Files.delete(folder);
    }
}
