package dev.hone.datasets.pairs;

import dev.hone.datasets.Sha256;
import dev.hone.datasets.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Pairs that never change again, in {@code <datasets>/<domain>/<sha256>/} as {@code pairs.jsonl}, with a
 * {@code manifest.json} and a {@code README.md} for people, all read-only. The name is the content's hash, so the same
 * pairs are one dataset.
 */
public final class FrozenDataset {
    static final String PAIRS = "pairs.jsonl";
    static final String MANIFEST = "manifest.json";
    static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
            .build();

    private final Path directory;
    private final Manifest manifest;
    private @Nullable List<Pair> pairs;

    FrozenDataset(Path directory, Manifest manifest) {
        this.directory = directory;
        this.manifest = manifest;
    }

    /**
     * Freezes pairs. Where the same pairs are already frozen, that dataset is verified and returned.
     *
     * @param provenance where the pairs came from; {@link Provenance} names what belongs there
     * @throws UserError where the folder cannot be written or two pairs have the same id
     */
    public static FrozenDataset freeze(
            Path datasetsDir, String domain, List<Pair> pairs, Map<String, Object> provenance) {
        try (DatasetFreezer freezer = new DatasetFreezer(datasetsDir, domain)) {
            pairs.forEach(freezer::add);
            return freezer.freeze(provenance);
        }
    }

    /**
     * Opens a frozen dataset and verifies it against its hash.
     *
     * @throws UserError where it is missing or not what was frozen
     */
    public static FrozenDataset open(Path directory) {
        Path file = directory.resolve(PAIRS);
        try {
            Manifest manifest = JSON.readValue(Files.readString(directory.resolve(MANIFEST)), Manifest.class);
            String hash = Sha256.of(file);
            if (!hash.equals(manifest.sha256())) {
                throw new UserError(
                        "%s: changed since it was frozen (sha256 is %s, manifest.json says %s); restore it or freeze anew"
                                .formatted(file, hash, manifest.sha256()));
            }
            return new FrozenDataset(directory, manifest);
        } catch (IOException | JacksonException e) {
            throw new UserError(
                    directory + ": not a frozen dataset (" + UserError.reason(e)
                            + "); give a folder with pairs.jsonl and manifest.json",
                    e);
        }
    }

    /** All pairs, read when first asked for. */
    public synchronized List<Pair> pairs() {
        if (pairs == null) {
            pairs = PairReader.read(directory.resolve(PAIRS));
        }
        return pairs;
    }

    /** Each pair in its order, one at a time in memory. */
    public void forEach(Consumer<Pair> consumer) {
        PairReader.forEach(directory.resolve(PAIRS), consumer);
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
}
