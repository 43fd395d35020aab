package dev.hone.datasets.pairs;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Pairs that never change again, in {@code <datasets>/<domain>/<sha256>/} as {@code pairs.jsonl} and
 * {@code manifest.json}, both read-only. The name is the content's hash, so the same pairs are one dataset.
 */
public final class FrozenDataset {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final Path directory;
    private final Manifest manifest;
    private final List<Pair> pairs;

    private FrozenDataset(Path directory, Manifest manifest, List<Pair> pairs) {
        this.directory = directory;
        this.manifest = manifest;
        this.pairs = List.copyOf(pairs);
    }

    /**
     * Freezes pairs. Where the same pairs are already frozen, that dataset is verified and returned.
     *
     * @throws UserError where the folder cannot be written
     */
    public static FrozenDataset freeze(
            Path datasetsDir, String domain, List<Pair> pairs, Map<String, Object> provenance) {
        if (!domain.matches("[\\w.-]+") || domain.startsWith(".")) {
            throw new UserError("Domain \"" + domain
                    + "\" cannot name a folder; use letters, digits, dashes, dots and underscores, no dot first");
        }
        Path parent = datasetsDir.resolve(domain);
        try {
            Files.createDirectories(parent);
            Path building = Files.createTempDirectory(parent, ".freezing-");
            Path file = building.resolve("pairs.jsonl");
            PairWriter.write(file, pairs);
            String hash = sha256(file);
            Path directory = parent.resolve(hash);
            if (Files.exists(directory)) {
                delete(building);
                return open(directory);
            }
            Manifest manifest = new Manifest(
                    domain,
                    pairs.size(),
                    hash,
                    Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                    new TreeMap<>(provenance));
            Path manifestFile = building.resolve("manifest.json");
            Files.writeString(manifestFile, JSON.writeValueAsString(manifest) + "\n", StandardCharsets.UTF_8);
            makeReadOnly(file);
            makeReadOnly(manifestFile);
            Files.move(building, directory, StandardCopyOption.ATOMIC_MOVE);
            return new FrozenDataset(directory, manifest, pairs);
        } catch (IOException e) {
            throw new UserError(
                    parent + ": cannot be written (" + e + "); choose a writable folder with space left", e);
        }
    }

    /**
     * Opens a frozen dataset and verifies it against its hash.
     *
     * @throws UserError where it is missing or not what was frozen
     */
    public static FrozenDataset open(Path directory) {
        Path manifestFile = directory.resolve("manifest.json");
        Path file = directory.resolve("pairs.jsonl");
        try {
            Manifest manifest = JSON.readValue(Files.readString(manifestFile), Manifest.class);
            String hash = sha256(file);
            if (!hash.equals(manifest.sha256())) {
                throw new UserError(
                        "%s: changed since it was frozen (sha256 is %s, manifest.json says %s); restore it or freeze anew"
                                .formatted(file, hash, manifest.sha256()));
            }
            return new FrozenDataset(directory, manifest, PairReader.read(file));
        } catch (IOException | JacksonException e) {
            throw new UserError(
                    directory + ": not a frozen dataset (" + e.getMessage()
                            + "); give a folder with pairs.jsonl and manifest.json",
                    e);
        }
    }

    public List<Pair> pairs() {
        return pairs;
    }

    /** SHA-256 of pairs.jsonl, in hexadecimal. */
    public String hash() {
        return manifest.sha256();
    }

    public Manifest manifest() {
        return manifest;
    }

    public Path directory() {
        return directory;
    }

    private static String sha256(Path file) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has SHA-256", e);
        }
    }

    private static void makeReadOnly(Path file) throws IOException {
        if (!file.toFile().setReadOnly()) {
            throw new IOException("cannot make " + file + " read-only");
        }
    }

    private static void delete(Path building) throws IOException {
        Files.deleteIfExists(building.resolve("pairs.jsonl"));
        Files.delete(building);
    }
}
