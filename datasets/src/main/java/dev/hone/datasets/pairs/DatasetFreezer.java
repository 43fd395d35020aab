package dev.hone.datasets.pairs;

import dev.hone.datasets.Sha256;
import dev.hone.datasets.UserError;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Freezes pairs one at a time, so that memory holds their ids and no more. Nothing stands under the dataset's name until
 * {@link #freeze}; closed before that, nothing is left.
 */
public final class DatasetFreezer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DatasetFreezer.class);
    private static final int BUFFER = 1 << 18;

    private final String domain;
    private final Path parent;
    private final Path building;
    private final MessageDigest digest = Sha256.digest();
    private final FileChannel channel;
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
        this.building = parent.resolve(".freezing-" + UUID.randomUUID());
        try {
            Files.createDirectories(building);
            this.channel = FileChannel.open(
                    building.resolve(FrozenDataset.PAIRS), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw unwritable(e);
        }
        this.out = new BufferedOutputStream(new DigestOutputStream(Channels.newOutputStream(channel), digest), BUFFER);
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
            channel.force(true);
            channel.close();
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
            makeReadOnly(building.resolve(FrozenDataset.PAIRS));
            try {
                Files.move(building, directory, StandardCopyOption.ATOMIC_MOVE);
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
        Path file = building.resolve(name);
        Files.writeString(file, text, StandardCharsets.UTF_8);
        makeReadOnly(file);
    }

    private static void makeReadOnly(Path file) throws IOException {
        if (!file.toFile().setReadOnly()) {
            throw new IOException("cannot make " + file + " read-only");
        }
    }

    private UserError unwritable(IOException e) {
        return new UserError(parent + ": cannot be written (" + e + "); choose a writable folder with space left", e);
    }

    /** Deletes what is left of a dataset that was not frozen. */
    @Override
    public void close() {
        try {
            channel.close();
            if (Files.exists(building)) {
                try (Stream<Path> files = Files.list(building)) {
                    for (Path file : files.toList()) {
                        Files.delete(file);
                    }
                }
                Files.delete(building);
            }
        } catch (IOException e) {
            // Not thrown: it would hide why freezing failed.
            LOG.warn("{}: left over from freezing and cannot be deleted ({}); delete it", building, e.toString());
        }
    }
}
