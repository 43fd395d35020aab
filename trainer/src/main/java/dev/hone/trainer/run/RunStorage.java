package dev.hone.trainer.run;

import dev.hone.checkpoints.CheckpointStore;
import dev.hone.checkpoints.ObjectStorage;
import dev.hone.checkpoints.RemoteCheckpoints;
import dev.hone.checkpoints.Retention;
import dev.hone.checkpoints.S3Storage;
import dev.hone.datasets.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A run's copy in object storage: its checkpoints, and below {@code run/} all else that a machine which never saw it needs
 * to go on.
 */
public final class RunStorage implements AutoCloseable {

    private static final String FILES = "run/";

    /** A file as it was when it was stored last. */
    private record Stored(long bytes, FileTime changed) {}

    private final ObjectStorage storage;
    private final RemoteCheckpoints checkpoints;
    private final Map<String, Stored> stored = new HashMap<>();

    private RunStorage(ObjectStorage storage, Retention retention) {
        this.storage = storage;
        this.checkpoints = new RemoteCheckpoints(storage, retention);
    }

    /** @param address as s3://bucket/runs/first */
    static RunStorage open(String address, Retention retention) {
        return new RunStorage(S3Storage.open(address), retention);
    }

    /** The checkpoints in a storage, to look at. */
    public static List<RemoteCheckpoints.Remote> list(String address) {
        try (RunStorage storage = open(address, Retention.last(1))) {
            return storage.checkpoints.list();
        }
    }

    /**
     * Fetches a run, all but its checkpoints, into a directory that holds none.
     *
     * @throws UserError where there is no run there, or the directory holds one
     */
    public static RunDirectory fetch(String address, Path root, Output output) {
        RunDirectory directory = new RunDirectory(root);
        if (Files.exists(directory.recipe())) {
            throw new UserError(root + " holds a run already; go on with it by `hone resume " + root
                    + "`, or give another --output-dir");
        }
        try (RunStorage storage = open(address, Retention.last(1))) {
            List<ObjectStorage.Stored> files = storage.storage.list(FILES);
            if (files.isEmpty()) {
                throw new UserError(address + " holds no run; give what its recipe has as checkpoint.storage");
            }
            // The recipe last: a directory with a recipe is a run.
            for (ObjectStorage.Stored file : files) {
                if (!file.key().equals(FILES + directory.recipe().getFileName())) {
                    storage.storage.get(file.key(), directory.inside(file.key().substring(FILES.length())));
                }
            }
            storage.storage.get(FILES + directory.recipe().getFileName(), directory.recipe());
            output.line("fetched the run in " + address + " into " + root);
        }
        return directory;
    }

    /** The newest sound checkpoint there, or that of a step, brought into the local store. */
    Optional<Path> fetchCheckpoint(@Nullable Long step, CheckpointStore into, Consumer<String> passedOver) {
        return checkpoints.fetch(step, into, passedOver);
    }

    /** Stores what changed in the run's directory, then a checkpoint. */
    void store(RunDirectory directory, Path checkpoint) {
        storeFiles(directory);
        checkpoints.store(checkpoint);
    }

    /** Stores what changed in the run's directory. */
    void storeFiles(RunDirectory directory) {
        try (Stream<Path> tree = Files.walk(directory.root())) {
            for (Path file : tree.filter(file -> isKept(directory, file)).toList()) {
                storeFile(directory, file);
            }
        } catch (IOException e) {
            throw new UserError(
                    "Cannot read " + directory.root() + " (" + e.getMessage() + "); check its permissions", e);
        }
    }

    private void storeFile(RunDirectory directory, Path file) throws IOException {
        String name = directory.root().relativize(file).toString().replace('\\', '/');
        try {
            Stored now = new Stored(Files.size(file), Files.getLastModifiedTime(file));
            if (!now.equals(stored.get(name))) {
                storage.put(FILES + name, file);
                stored.put(name, now);
            }
        } catch (NoSuchFileException e) {
            // Training goes on meanwhile: a file that took its final name is found under that the next time.
            stored.remove(name);
        }
    }

    /** Not the checkpoints, and nothing hidden: locks, and what is half written. */
    private static boolean isKept(RunDirectory directory, Path file) {
        Path inside = directory.root().relativize(file);
        if (!Files.isRegularFile(file) || inside.startsWith("checkpoints")) {
            return false;
        }
        for (Path part : inside) {
            if (part.toString().startsWith(".") || part.toString().endsWith(".tmp")) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() {
        storage.close();
    }
}
