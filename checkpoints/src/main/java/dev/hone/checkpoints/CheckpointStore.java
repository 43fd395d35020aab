package dev.hone.checkpoints;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
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

    /** Where checkpoints of a way not taken go: see {@link #setAside}. */
    private static final String ASIDE = "set-aside";

    private final Path directory;
    private final Retention retention;
    private @Nullable Path held;

    public CheckpointStore(Path directory, Retention retention) {
        this.directory = directory;
        this.retention = retention;
    }

    /** {@link #save(long, Map, CheckpointContents)} of what nothing was measured of. */
    public Path save(long step, CheckpointContents contents) {
        return save(step, Map.of(), contents);
    }

    /**
     * Saves a checkpoint and prunes older ones. A checkpoint of the same step is replaced. Throws
     * {@link CheckpointException} when it cannot be written (disk full, no permission): those there before are then
     * untouched.
     *
     * @param metrics what was measured of it, by name; retention may choose the best by one
     * @return the checkpoint's directory
     */
    public Path save(long step, Map<String, Double> metrics, CheckpointContents contents) {
        Path checkpoint = directory.resolve(name(step));
        Path temporary = directory.resolve(TEMPORARY + name(step));
        try {
            Files.createDirectories(directory);
            clear();
            Files.createDirectory(temporary);
            Failpoint.reach("save.begun");
            contents.writeTo(temporary);
            Failpoint.reach("save.written");
            seal(step, temporary, metrics);
            Failpoint.reach("save.sealed");
            publish(temporary, checkpoint);
            Failpoint.reach("save.published");
            markBest();
            prune(checkpoint);
            Failpoint.reach("save.pruned");
            return checkpoint;
        } catch (IOException e) {
            throw abandoned(temporary, CheckpointException.writing(checkpoint, e));
        } catch (RuntimeException e) {
            throw abandoned(temporary, unwrapped(checkpoint, e));
        }
    }

    /**
     * Clears what a killed process left: half-written checkpoints go, one that had stepped aside comes back. For the
     * holder of the {@link RunLock} alone: others would clear what is being written.
     */
    public void recover() {
        try {
            clear();
        } catch (IOException e) {
            throw CheckpointException.writing(directory, e);
        }
    }

    /** The newest checkpoint whose every file has its checksum. Damaged ones are passed over, with a warning each. */
    public Optional<Path> latest() {
        return latest(fault -> log.warn("Passed over: {}", fault));
    }

    /** {@link #latest()}, which tells {@code passedOver} what is wrong with each damaged one. */
    public Optional<Path> latest(Consumer<String> passedOver) {
        List<Path> all = list();
        for (int i = all.size() - 1; i >= 0; i--) {
            try {
                verify(all.get(i));
                return Optional.of(all.get(i));
            } catch (CheckpointException e) {
                passedOver.accept(String.valueOf(e.getMessage()));
            }
        }
        return Optional.empty();
    }

    /** The checkpoint of a step, sound. Throws {@link CheckpointException} naming those there are where there is none. */
    public Path at(long step) {
        Path checkpoint = directory.resolve(name(step));
        if (!Files.isDirectory(checkpoint)) {
            String there =
                    list().stream().map(found -> Long.toString(step(found))).collect(Collectors.joining(", "));
            throw new CheckpointException("There is no checkpoint of step " + step + " in " + directory + "; there are "
                    + (there.isEmpty() ? "none" : "those of steps " + there));
        }
        verify(checkpoint);
        return checkpoint;
    }

    /** Keeps a checkpoint, whatever retention says, as long as this store is in use: the one a run resumes from. */
    public void hold(Path checkpoint) {
        held = checkpoint;
    }

    /**
     * Moves the checkpoints after {@code step} out of the way, into {@code set-aside/}: the run goes on from there another
     * way. One of an earlier such move gives way.
     *
     * @return where they went; empty where there were none
     */
    public List<Path> setAside(long step) {
        List<Path> moved = new ArrayList<>();
        try {
            for (Path checkpoint : list()) {
                if (step(checkpoint) > step) {
                    Path to = directory.resolve(ASIDE).resolve(checkpoint.getFileName());
                    Files.createDirectories(to.getParent());
                    Durable.deleteTree(to);
                    Durable.move(checkpoint, to);
                    moved.add(to);
                }
            }
        } catch (IOException e) {
            throw CheckpointException.writing(directory, e);
        }
        return moved;
    }

    /** What was measured of a checkpoint when it was saved. */
    public static Map<String, Double> metrics(Path checkpoint) {
        SortedMap<String, Double> metrics = Manifest.read(checkpoint).metrics();
        return metrics == null ? Map.of() : metrics;
    }

    /** What tells a checkpoint from others, of the same step too: its step and the start of its manifest's SHA-256. */
    public static String identity(Path checkpoint) {
        String sum = Manifest.content(checkpoint.resolve(Manifest.FILE)).sha256();
        return checkpoint.getFileName() + "@" + sum.substring(0, 12);
    }

    /** Bytes of a checkpoint's files, by its manifest. */
    public static long bytes(Path checkpoint) {
        return Manifest.read(checkpoint).files().values().stream()
                .mapToLong(Manifest.Content::bytes)
                .sum();
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
    private static void seal(long step, Path temporary, Map<String, Double> metrics) throws IOException {
        if (Files.exists(temporary.resolve(Manifest.FILE))) {
            throw new IllegalArgumentException("The contents hold " + Manifest.FILE + ", which is the store's own");
        }
        Files.write(
                temporary.resolve(Manifest.FILE),
                Manifest.of(step, temporary, metrics).json());
        try (Stream<Path> tree = Files.walk(temporary)) {
            for (Path path : tree.toList()) {
                Durable.sync(path);
            }
        }
    }

    /** A directory cannot be renamed over another: one of the same step first steps aside, see {@link #clear}. */
    private void publish(Path temporary, Path checkpoint) throws IOException {
        Path replaced = directory.resolve(REPLACED + checkpoint.getFileName());
        if (Files.exists(checkpoint)) {
            Durable.move(checkpoint, replaced);
            Failpoint.reach("save.aside");
        }
        Durable.move(temporary, checkpoint);
        Failpoint.reach("save.renamed");
        Durable.deleteTree(replaced);
    }

    private void clear() throws IOException {
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

    /** Marks the best of those there are, where retention says what makes one the best; damaged ones do not count. */
    private void markBest() {
        Retention.@Nullable Best wanted = retention.best();
        if (wanted == null) {
            return;
        }
        @Nullable Path best = null;
        double value = Double.NaN;
        for (Path checkpoint : list()) {
            Double measured = measured(checkpoint, wanted.metric());
            if (measured != null
                    && !measured.isNaN()
                    && (best == null || (wanted.greater() ? measured > value : measured < value))) {
                best = checkpoint;
                value = measured;
            }
        }
        if (best != null && !best.equals(best().orElse(null))) {
            markBest(best);
        }
    }

    private static @Nullable Double measured(Path checkpoint, String metric) {
        try {
            return metrics(checkpoint).get(metric);
        } catch (CheckpointException damaged) {
            return null;
        }
    }

    /** Removes what retention does not keep, among those older than the one just saved. */
    private void prune(Path saved) throws IOException {
        List<Path> older = new ArrayList<>(list());
        older.removeIf(checkpoint -> step(checkpoint) >= step(saved));
        @Nullable Path best = best().orElse(null);
        int surplus = older.size() - (retention.keepLast() - 1);
        for (Path checkpoint : older.subList(0, Math.max(0, surplus))) {
            boolean due = retention.keepEvery() > 0 && step(checkpoint) % retention.keepEvery() == 0;
            if (!due && !checkpoint.equals(best) && !checkpoint.equals(held)) {
                // Out of its name first: a half-deleted checkpoint must not look like one.
                Path doomed = directory.resolve(TEMPORARY + checkpoint.getFileName());
                Durable.move(checkpoint, doomed);
                Failpoint.reach("prune.moved");
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
