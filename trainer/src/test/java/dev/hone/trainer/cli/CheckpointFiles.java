package dev.hone.trainer.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Stream;

/** A run's checkpoints as files. */
final class CheckpointFiles {

    private CheckpointFiles() {}

    static Path newest(Path run) throws IOException {
        try (Stream<Path> checkpoints = Files.list(run.resolve("checkpoints"))) {
            return checkpoints
                    .filter(path -> path.getFileName().toString().startsWith("step-"))
                    .max(Path::compareTo)
                    .orElseThrow();
        }
    }

    /** Replaces a file, and its sum in the manifest, as if the checkpoint had been saved so. */
    static void replace(Path checkpoint, String name, String text) throws IOException {
        Path file = checkpoint.resolve(name);
        Path manifest = checkpoint.resolve("manifest.json");
        String before = sha256(Files.readAllBytes(file));
        long sizeBefore = Files.size(file);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Files.write(file, bytes);
        Files.writeString(
                manifest,
                Files.readString(manifest)
                        .replace(before, sha256(bytes))
                        .replaceFirst("(\"" + name + "\"[^}]*?)\\b" + sizeBefore + "\\b", "$1" + bytes.length));
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
