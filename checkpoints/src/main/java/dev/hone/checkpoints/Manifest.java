package dev.hone.checkpoints;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a checkpoint holds, so that damage is found before it is trained on.
 *
 * @param files by path relative to the checkpoint, with forward slashes
 * @param metrics what was measured of it
 */
record Manifest(
        long step,
        SortedMap<String, Content> files,
        @Nullable SortedMap<String, Double> metrics) {

    static final String FILE = "manifest.json";

    private static final int BUFFER = 1 << 20;

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** A file's length in bytes and its SHA-256 in hexadecimal. */
    record Content(long bytes, String sha256) {}

    /** Reads every file below {@code directory} once, several at a time. */
    static Manifest of(long step, Path directory, Map<String, Double> metrics) throws IOException {
        SortedMap<String, Content> files = new ConcurrentSkipListMap<>();
        regularFiles(directory).parallelStream().forEach(file -> files.put(relative(directory, file), content(file)));
        return new Manifest(step, files, new TreeMap<>(metrics));
    }

    static Manifest read(Path checkpoint) {
        Path file = checkpoint.resolve(FILE);
        if (!Files.exists(file)) {
            throw damaged(checkpoint, FILE + " is missing");
        }
        return readFile(file, checkpoint);
    }

    /** @param checkpoint what its checkpoint is called, for what is said when it is damaged */
    static Manifest readFile(Path file, Object checkpoint) {
        try {
            Manifest manifest = JSON.readValue(Files.readAllBytes(file), Manifest.class);
            if (manifest.files() == null) {
                throw damaged(checkpoint, FILE + " lists no files");
            }
            return manifest;
        } catch (JacksonException e) {
            throw damaged(checkpoint, FILE + " is not valid JSON");
        } catch (IOException e) {
            throw CheckpointException.reading(file, e);
        }
    }

    byte[] json() {
        return JSON.writeValueAsBytes(this);
    }

    /** Throws {@link CheckpointException} where a file is missing, or of another length or content. */
    void verify(Path checkpoint) {
        verify(checkpoint, checkpoint);
    }

    /** @param shown what the checkpoint is called where it is damaged */
    void verify(Path directory, Object shown) {
        files.entrySet().parallelStream().forEach(entry -> verify(directory, shown, entry.getKey(), entry.getValue()));
    }

    private static void verify(Path directory, Object checkpoint, String name, Content expected) {
        Path file = directory.resolve(name);
        if (!Files.isRegularFile(file)) {
            throw damaged(checkpoint, name + " is missing");
        }
        try {
            long bytes = Files.size(file);
            if (bytes != expected.bytes()) {
                throw damaged(checkpoint, name + " has " + bytes + " bytes, " + expected.bytes() + " expected");
            }
            if (!content(file).equals(expected)) {
                throw damaged(checkpoint, name + " does not have the SHA-256 sum it was saved with");
            }
        } catch (IOException e) {
            throw CheckpointException.reading(file, e);
        }
    }

    private static List<Path> regularFiles(Path directory) throws IOException {
        try (Stream<Path> tree = Files.walk(directory)) {
            return tree.filter(Files::isRegularFile).toList();
        }
    }

    private static String relative(Path directory, Path file) {
        return directory.relativize(file).toString().replace('\\', '/');
    }

    static Content content(Path file) {
        MessageDigest sha256 = sha256();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        long bytes = 0;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (channel.read(buffer) >= 0) {
                buffer.flip();
                bytes += buffer.remaining();
                sha256.update(buffer);
                buffer.clear();
            }
        } catch (IOException e) {
            throw CheckpointException.reading(file, e);
        }
        return new Content(bytes, HexFormat.of().formatHex(sha256.digest()));
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    private static CheckpointException damaged(Object checkpoint, String fault) {
        return new CheckpointException("Checkpoint " + checkpoint + " is damaged: " + fault
                + "; delete it, the run then resumes from the one before");
    }
}
