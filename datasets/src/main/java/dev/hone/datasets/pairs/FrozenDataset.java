package dev.hone.datasets.pairs;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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

    private static final Logger LOG = LoggerFactory.getLogger(FrozenDataset.class);

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
     * @throws UserError where the folder cannot be written or two pairs have the same id
     */
    public static FrozenDataset freeze(
            Path datasetsDir, String domain, List<Pair> pairs, Map<String, Object> provenance) {
        if (!domain.matches("[\\w.-]+") || domain.startsWith(".")) {
            throw new UserError("Domain \"" + domain
                    + "\" cannot name a folder; use letters, digits, dashes, dots and underscores, no dot first");
        }
        requireOwnIds(domain, pairs);
        Path parent = datasetsDir.resolve(domain);
        Path building = null;
        try {
            Files.createDirectories(parent);
            building = Files.createDirectory(parent.resolve(".freezing-" + UUID.randomUUID()));
            Path file = building.resolve("pairs.jsonl");
            PairWriter.write(file, pairs);
            String hash = sha256(file);
            Path directory = parent.resolve(hash);
            if (Files.exists(directory)) {
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
            try {
                Files.move(building, directory, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                if (!Files.exists(directory)) {
                    throw e;
                }
                // Somebody froze the same pairs at the same time.
            }
            return open(directory);
        } catch (IOException e) {
            throw new UserError(
                    parent + ": cannot be written (" + e + "); choose a writable folder with space left", e);
        } finally {
            delete(building);
        }
    }

    private static void requireOwnIds(String domain, List<Pair> pairs) {
        Set<String> ids = new HashSet<>();
        for (Pair pair : pairs) {
            if (!ids.add(pair.id())) {
                throw new UserError("Two pairs of domain %s have the id \"%s\"; give every pair its own id"
                        .formatted(domain, pair.id()));
            }
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
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                digest.update(buffer, 0, length);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has SHA-256", e);
        }
    }

    private static void makeReadOnly(Path file) throws IOException {
        if (!file.toFile().setReadOnly()) {
            throw new IOException("cannot make " + file + " read-only");
        }
    }

    /** What is left of an attempt to freeze, if anything; it must not hide why that failed. */
    private static void delete(@Nullable Path building) {
        if (building == null || !Files.exists(building)) {
            return;
        }
        try (Stream<Path> files = Files.list(building)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(building);
        } catch (IOException e) {
            LOG.warn("{}: left over from freezing and cannot be deleted ({}); delete it", building, e.toString());
        }
    }
}
