package dev.hone.datasets.pairs;

import dev.hone.datasets.Sha256;
import dev.hone.datasets.UserError;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Freezes pairs one at a time, so that memory holds their ids and no more. Nothing stands under the dataset's name until
 * {@link #freeze}; closed before that, nothing is left, and what a process that was killed left is deleted by the next.
 */
public final class DatasetFreezer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DatasetFreezer.class);
    private static final int BUFFER = 1 << 18;

    private final String domain;
    private final Path parent;
    private final Building building;
    private final MessageDigest digest = Sha256.digest();
    private final OutputStream out;
    private final Set<String> ids = new HashSet<>();
    private final DatasetStatistics statistics = new DatasetStatistics();

    /** @throws UserError where the domain cannot name a folder, or the folder cannot be written */
    public DatasetFreezer(Path datasetsDir, String domain) {
        if (!domain.matches("[\\w.-]+") || domain.startsWith(".")) {
            throw new UserError("Domain \"" + domain
                    + "\" cannot name a folder; use letters, digits, dashes, dots and underscores, no dot first");
        }
        this.domain = domain;
        this.parent = datasetsDir.resolve(domain);
        try {
            Building.clear(parent);
            this.building = Building.open(parent);
        } catch (IOException e) {
            throw unwritable(e);
        }
        this.out = new BufferedOutputStream(
                new DigestOutputStream(Channels.newOutputStream(building.pairs()), digest), BUFFER);
    }

    /** @throws UserError where its id occurred before, or it cannot be written */
    public void add(Pair pair) {
        if (!ids.add(pair.id())) {
            throw new UserError("Two pairs of domain %s have the id \"%s\"; give every pair its own id"
                    .formatted(domain, pair.id()));
        }
        requireWritable(pair);
        try {
            out.write(PairJson.write(pair).getBytes(StandardCharsets.UTF_8));
            out.write('\n');
        } catch (IOException e) {
            throw unwritable(e);
        }
        statistics.add(pair);
    }

    private void requireWritable(Pair pair) {
        try {
            PairJson.writable("prompt", pair.prompt());
            PairJson.writable("answer", pair.answer());
            if (pair.response() != null) {
                PairJson.writable("response", pair.response());
            }
        } catch (MalformedPair e) {
            throw new UserError("Pair " + pair.id() + " of domain " + domain + ": " + e.getMessage(), e);
        }
    }

    /**
     * Puts the dataset in place. Where the same pairs are already frozen, that dataset is verified and returned.
     *
     * @throws UserError where it cannot be written
     */
    public FrozenDataset freeze(Map<String, Object> provenance) {
        try {
            out.flush();
            building.pairs().force(true);
            String hash = Sha256.hex(digest);
            Path directory = parent.resolve(hash);
            if (Files.exists(directory)) {
                return FrozenDataset.open(directory);
            }
            Manifest manifest = new Manifest(
                    domain,
                    ids.size(),
                    hash,
                    Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                    new TreeMap<>(provenance));
            write(FrozenDataset.MANIFEST, FrozenDataset.JSON.writeValueAsString(manifest) + "\n");
            write("README.md", DataCard.of(manifest, statistics));
            makeReadOnly(building.folder().resolve(FrozenDataset.PAIRS));
            try {
                Files.move(building.folder(), directory, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                // Somebody may have frozen the same pairs at the same time.
                if (!Files.exists(directory)) {
                    throw e;
                }
                return FrozenDataset.open(directory);
            }
            return new FrozenDataset(directory, manifest);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private void write(String name, String text) throws IOException {
        Path file = building.folder().resolve(name);
        Files.writeString(file, text, StandardCharsets.UTF_8);
        makeReadOnly(file);
    }

    private static void makeReadOnly(Path file) throws IOException {
        if (!file.toFile().setReadOnly()) {
            throw new IOException("cannot make " + file + " read-only");
        }
    }

    private UserError unwritable(IOException e) {
        return new UserError(
                parent + ": cannot be written (" + UserError.reason(e) + "); choose a writable folder with space left",
                e);
    }

    /** Deletes what is left of a dataset that was not frozen. */
    @Override
    public void close() {
        try {
            building.close();
        } catch (IOException e) {
            // Not thrown: it would hide why freezing failed.
            LOG.warn(
                    "{}: left over from freezing and cannot be deleted ({}); delete it",
                    building.folder(),
                    e.toString());
        }
    }
}
