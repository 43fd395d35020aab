package dev.hone.checkpoints;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of one run: directories {@code step-000120}, each with a manifest of checksums. A checkpoint is
 * written beside its place, synced and renamed, so it is there whole or not at all, whenever the process is killed.
 * One process at a time saves: the holder of the {@link RunLock}.
 */
public final class CheckpointStore {

    private static final Logger log = LoggerFactory.getLogger(CheckpointStore.class);

    private static final Pattern STEP = Pattern.compile("step-(\\d{6,18})");
    private static final String TEMPORARY = ".tmp-";
    private static final String REPLACED = ".replaced-";
    private static final String BEST = "best";

    private final Path directory;
    private final Retention retention;

    public CheckpointStore(Path directory, Retention retention) {
        this.directory = directory;
        this.retention = retention;
    }

    /**
     * Saves a checkpoint and prunes older ones. A checkpoint of the same step is replaced. Throws
     * {@link CheckpointException} when it cannot be written (disk full, no permission): those there before are then
     * untouched.
     *
     * @return the checkpoint's directory
     */
    public Path save(long step, CheckpointContents contents) {
        Path checkpoint = directory.resolve(name(step));
        Path temporary = directory.resolve(TEMPORARY + name(step));
        try {
            Files.createDirectories(directory);
            recover();
            Files.createDirectory(temporary);
            contents.writeTo(temporary);
            seal(step, temporary);
            publish(temporary, checkpoint);
            prune(checkpoint);
            return checkpoint;
        } catch (IOException e) {
            throw abandoned(temporary, CheckpointException.writing(checkpoint, e));
        } catch (RuntimeException e) {
            throw abandoned(temporary, unwrapped(checkpoint, e));
        }
    }

    /** The newest checkpoint whose every file has its checksum. Damaged ones are passed over, with a warning each. */
    public Optional<Path> latest() {
        try {
            recover();
        } catch (IOException e) {
            throw CheckpointException.writing(directory, e);
        }
        List<Path> all = list();
        for (int i = all.size() - 1; i >= 0; i--) {
            try {
                verify(all.get(i));
                return Optional.of(all.get(i));
            } catch (CheckpointException e) {
                log.warn("Passed over: {}", e.getMessage());
            }
        }
        return Optional.empty();
    }

    /** Throws {@link CheckpointException}, naming the file, unless every file of the checkpoint has its checksum. */
    public void verify(Path checkpoint) {
        Manifest.read(checkpoint).verify(checkpoint);
    }

    /** All checkpoints by step, oldest first, damaged ones too. */
    public List<Path> list() {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(directory)) {
            return children.filter(child ->
                            STEP.matcher(child.getFileName().toString()).matches())
                    .sorted(Comparator.comparingLong(CheckpointStore::step))
                    .toList();
        } catch (IOException e) {
            throw CheckpointException.reading(directory, e);
        }
    }

    /** The step of a checkpoint's directory. */
    public static long step(Path checkpoint) {
        Matcher matcher = STEP.matcher(checkpoint.getFileName().toString());
        if (!matcher.matches()) {
            throw new CheckpointException(checkpoint + " is not a checkpoint; one is named like step-000120");
        }
        return Long.parseLong(matcher.group(1));
    }

    /** Points the link {@code best} at a checkpoint of this store. */
    public void markBest(Path checkpoint) {
        Path link = directory.resolve(BEST);
        Path temporary = directory.resolve(TEMPORARY + BEST);
        try {
            Files.deleteIfExists(temporary);
            Files.createSymbolicLink(temporary, checkpoint.getFileName());
            Durable.move(temporary, link);
        } catch (IOException e) {
            throw CheckpointException.writing(link, e);
        }
    }

    /** The checkpoint marked best, if there is one. */
    public Optional<Path> best() {
        Path link = directory.resolve(BEST);
        try {
            return Files.isDirectory(link)
                    ? Optional.of(directory.resolve(Files.readSymbolicLink(link)))
                    : Optional.empty();
        } catch (IOException e) {
            throw CheckpointException.reading(link, e);
        }
    }

    private static String name(long step) {
        return "step-%06d".formatted(step);
    }

    /** Puts the manifest beside the files and everything on the disk. */
    private static void seal(long step, Path temporary) throws IOException {
        if (Files.exists(temporary.resolve(Manifest.FILE))) {
            throw new IllegalArgumentException("The contents hold " + Manifest.FILE + ", which is the store's own");
        }
        Files.write(
                temporary.resolve(Manifest.FILE), Manifest.of(step, temporary).json());
        try (Stream<Path> tree = Files.walk(temporary)) {
            for (Path path : tree.toList()) {
                Durable.sync(path);
            }
        }
    }

    /** A directory cannot be renamed over another: one of the same step first steps aside, see {@link #recover}. */
    private void publish(Path temporary, Path checkpoint) throws IOException {
        Path replaced = directory.resolve(REPLACED + checkpoint.getFileName());
        if (Files.exists(checkpoint)) {
            Durable.move(checkpoint, replaced);
        }
        Durable.move(temporary, checkpoint);
        Durable.deleteTree(replaced);
    }

    /** Clears what a killed process left: half-written checkpoints go, one that had stepped aside comes back. */
    private void recover() throws IOException {
        for (Path child : children()) {
            String name = child.getFileName().toString();
            if (name.startsWith(TEMPORARY)) {
                Durable.deleteTree(child);
            } else if (name.startsWith(REPLACED)) {
                Path checkpoint = directory.resolve(name.substring(REPLACED.length()));
                if (Files.exists(checkpoint)) {
                    Durable.deleteTree(child);
                } else {
                    Durable.move(child, checkpoint);
                }
            }
        }
    }

    /** Removes what retention does not keep, among those older than the one just saved. */
    private void prune(Path saved) throws IOException {
        List<Path> older = new ArrayList<>(list());
        older.removeIf(checkpoint -> step(checkpoint) >= step(saved));
        @Nullable Path best = retention.keepBest() ? best().orElse(null) : null;
        int surplus = older.size() - (retention.keepLast() - 1);
        for (Path checkpoint : older.subList(0, Math.max(0, surplus))) {
            if (!checkpoint.equals(best)) {
                // Out of its name first: a half-deleted checkpoint must not look like one.
                Path doomed = directory.resolve(TEMPORARY + checkpoint.getFileName());
                Durable.move(checkpoint, doomed);
                Durable.deleteTree(doomed);
            }
        }
    }

    private List<Path> children() throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(directory)) {
            return children.toList();
        }
    }

    /** Jackson and streams wrap what the disk says. */
    private static RuntimeException unwrapped(Path checkpoint, RuntimeException failure) {
        boolean speaksForItself = failure instanceof CheckpointException;
        return !speaksForItself && failure.getCause() instanceof IOException io
                ? CheckpointException.writing(checkpoint, io)
                : failure;
    }

    private static RuntimeException abandoned(Path temporary, RuntimeException failure) {
        try {
            Durable.deleteTree(temporary);
        } catch (IOException leftOver) {
            failure.addSuppressed(leftOver);
        }
        return failure;
    }
}
