package dev.hone.checkpoints;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Checkpoints of a run in an {@link ObjectStorage}: {@code checkpoints/step-000120@1a2b.../...}. A key holds its step and
 * the start of its manifest's sum, so that two of one step never mix, and the manifest is stored last: without it there is
 * no checkpoint.
 */
public final class RemoteCheckpoints {

    private static final String ROOT = "checkpoints/";
    private static final Pattern NAME = Pattern.compile("checkpoints/(step-(\\d{6,18})@[0-9a-f]+)/(.+)");

    private final ObjectStorage storage;
    private final Retention retention;

    public RemoteCheckpoints(ObjectStorage storage, Retention retention) {
        this.storage = storage;
        this.retention = retention;
    }

    /**
     * A checkpoint there.
     *
     * @param bytes of all its files
     * @param complete whether its manifest is there; what it lists is checked when it is fetched
     */
    public record Remote(String name, long step, long bytes, boolean complete) {}

    /** All, oldest first, those left half stored too. */
    public List<Remote> list() {
        Map<String, Remote> found = new LinkedHashMap<>();
        for (ObjectStorage.Stored stored : storage.list(ROOT)) {
            Matcher matcher = NAME.matcher(stored.key());
            if (matcher.matches()) {
                String name = matcher.group(1);
                Remote before = found.getOrDefault(name, new Remote(name, Long.parseLong(matcher.group(2)), 0, false));
                found.put(
                        name,
                        new Remote(
                                name,
                                before.step(),
                                before.bytes() + stored.bytes(),
                                before.complete() || matcher.group(3).equals(Manifest.FILE)));
            }
        }
        return found.values().stream()
                .sorted(Comparator.comparingLong(Remote::step))
                .toList();
    }

    /** Stores a checkpoint of the local disk and removes what retention does not keep. */
    public void store(Path checkpoint) {
        String name = CheckpointStore.identity(checkpoint);
        for (String file : Manifest.read(checkpoint).files().keySet()) {
            storage.put(ROOT + name + "/" + file, checkpoint.resolve(file));
            Failpoint.reach("storage.file");
        }
        Failpoint.reach("storage.files");
        storage.put(ROOT + name + "/" + Manifest.FILE, checkpoint.resolve(Manifest.FILE));
        prune(name);
    }

    /**
     * Fetches the newest complete checkpoint, or that of a step, into a store; each file is checked against its sum. One
     * that is damaged is passed over where none was asked for by its step.
     *
     * @return where it is now; empty where there is none
     */
    public Optional<Path> fetch(@Nullable Long step, CheckpointStore into, Consumer<String> passedOver) {
        List<Remote> all = list();
        for (int i = all.size() - 1; i >= 0; i--) {
            Remote remote = all.get(i);
            if (!remote.complete() || (step != null && step != remote.step())) {
                continue;
            }
            try {
                return Optional.of(fetch(remote, into));
            } catch (CheckpointException e) {
                if (step != null) {
                    throw e;
                }
                passedOver.accept(String.valueOf(e.getMessage()));
            }
        }
        return Optional.empty();
    }

    private Path fetch(Remote remote, CheckpointStore into) {
        try {
            Path manifestFile = Files.createTempFile("hone-manifest-", ".json");
            try {
                storage.get(ROOT + remote.name() + "/" + Manifest.FILE, manifestFile);
                Manifest manifest = Manifest.readFile(manifestFile, address(remote));
                SortedMap<String, Double> metrics = manifest.metrics();
                return into.save(remote.step(), metrics == null ? Map.of() : metrics, to -> {
                    for (String file : manifest.files().keySet()) {
                        Path target = to.resolve(file).normalize();
                        if (!target.startsWith(to)) {
                            throw new CheckpointException(
                                    address(remote) + " names a file outside of it, " + file + "; do not use it");
                        }
                        storage.get(ROOT + remote.name() + "/" + file, target);
                    }
                    manifest.verify(to, address(remote));
                });
            } finally {
                Files.deleteIfExists(manifestFile);
            }
        } catch (IOException e) {
            throw new CheckpointException(
                    "Cannot fetch " + remote.name() + " (" + e.getMessage() + "); make room for it");
        }
    }

    private String address(Remote remote) {
        return storage.name() + "/" + ROOT + remote.name();
    }

    /** As {@link CheckpointStore} does: among those older than the one just stored. */
    private void prune(String stored) {
        List<Remote> all = list();
        long step = all.stream()
                .filter(remote -> remote.name().equals(stored))
                .mapToLong(Remote::step)
                .findFirst()
                .orElse(0);
        List<Remote> older = new ArrayList<>(all);
        older.removeIf(remote -> remote.step() > step || remote.name().equals(stored));
        // Replaced ones of the same step go first: they are no longer the run's.
        older.stream().filter(remote -> remote.step() == step).forEach(this::delete);
        older.removeIf(remote -> remote.step() == step);
        int surplus = older.size() - (retention.keepLast() - 1);
        List<Remote> candidates = older.subList(0, Math.max(0, surplus));
        @Nullable String best = candidates.isEmpty() ? null : best(all);
        for (Remote remote : candidates) {
            boolean due = retention.keepEvery() > 0 && remote.step() % retention.keepEvery() == 0;
            if (!due && !remote.name().equals(best)) {
                delete(remote);
            }
        }
    }

    private @Nullable String best(List<Remote> all) {
        Retention.@Nullable Best wanted = retention.best();
        if (wanted == null) {
            return null;
        }
        @Nullable String best = null;
        double value = Double.NaN;
        for (Remote remote : all) {
            Double measured = remote.complete() ? measured(remote, wanted.metric()) : null;
            if (measured != null
                    && !measured.isNaN()
                    && (best == null || (wanted.greater() ? measured > value : measured < value))) {
                best = remote.name();
                value = measured;
            }
        }
        return best;
    }

    private @Nullable Double measured(Remote remote, String metric) {
        try {
            Path file = Files.createTempFile("hone-manifest-", ".json");
            try {
                storage.get(ROOT + remote.name() + "/" + Manifest.FILE, file);
                SortedMap<String, Double> metrics =
                        Manifest.readFile(file, address(remote)).metrics();
                return metrics == null ? null : metrics.get(metric);
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new CheckpointException("Cannot write a temporary file (" + e.getMessage() + "); make room for it");
        }
    }

    /** The manifest first: without it the rest is no checkpoint. */
    private void delete(Remote remote) {
        String root = ROOT + remote.name() + "/";
        storage.delete(root + Manifest.FILE);
        storage.list(root).forEach(stored -> storage.delete(stored.key()));
    }
}
