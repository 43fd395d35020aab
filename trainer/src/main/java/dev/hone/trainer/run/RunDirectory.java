package dev.hone.trainer.run;

import dev.hone.benchmarks.SampleJournal;
import dev.hone.checkpoints.CheckpointStore;
import dev.hone.checkpoints.Retention;
import dev.hone.checkpoints.RunLock;
import dev.hone.datasets.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Where a run keeps what. */
public record RunDirectory(Path root) {

    /** What a dataset being frozen is called until it is whole. */
    private static final String FREEZING = ".freezing-";

    /** Refuses with {@link UserError} what is no run. */
    public static RunDirectory existing(Path root) {
        RunDirectory directory = new RunDirectory(root);
        if (!Files.isRegularFile(directory.recipe())) {
            throw new UserError(root + " is not a run: it has no recipe.yaml; give a directory that `hone train` made");
        }
        return directory;
    }

    /** The recipe as the run took it: all defaults filled in, all paths absolute. */
    public Path recipe() {
        return root.resolve("recipe.yaml");
    }

    /** Every metric, one JSON object a line. */
    public Path events() {
        return root.resolve("events.jsonl");
    }

    /** When its process began, from where and with what changes; never cut. */
    public Path starts() {
        return root.resolve("starts.jsonl");
    }

    public Path checkpoints() {
        return root.resolve("checkpoints");
    }

    /** The newest checkpoint, not verified: for those who only look, while another process may be saving. */
    public Optional<Path> newestCheckpoint() {
        List<Path> all = new CheckpointStore(checkpoints(), Retention.last(1)).list();
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
    }

    /** Frozen datasets: {@code <domain>/<hash>/}. */
    public Path datasets() {
        return root.resolve("datasets");
    }

    /** Rows of files that are no pairs, a file for each source that has some. */
    public Path malformed() {
        return root.resolve("malformed");
    }

    /** The teachable pairs of each domain, as curated and not yet frozen. */
    public Path curated() {
        return root.resolve("curated");
    }

    /** The model RL started with, where the policy is held to it. */
    public Path reference() {
        return root.resolve("reference");
    }

    /** What was asked and answered, each a JSONL file. */
    public Path samples() {
        return root.resolve("samples");
    }

    /** Results of evaluations, each a JSON file. */
    public Path evals() {
        return root.resolve("evals");
    }

    /** The results for programs; there once the run is complete. */
    public Path summary() {
        return root.resolve("summary.json");
    }

    public Path report() {
        return root.resolve("report.html");
    }

    public boolean isComplete() {
        return Files.isRegularFile(summary());
    }

    /**
     * Throws {@link UserError} where something of the names that a run gives is there already and no run made it: a folder of
     * data called {@code datasets}, say, which the run would write into and {@link #clear} delete.
     */
    void requireOwn() {
        if (root.toString().isEmpty()) {
            throw new UserError("The run's directory has an empty name; give one by output_dir or --output-dir");
        }
        if (Files.exists(starts())) {
            return;
        }
        for (Path part : parts()) {
            if (Files.exists(part)) {
                throw new UserError(part + " is there already, and no run made it; give another --output-dir");
            }
        }
    }

    /**
     * Deletes what a run made, and nothing else.
     *
     * @throws UserError where that cannot be deleted, no run made it, or the run is going on
     */
    public void clear() {
        requireOwn();
        try (RunLock lock = RunLock.acquire(root)) {
            for (Path part : parts()) {
                deleteTree(part);
            }
        } catch (IOException e) {
            throw new UserError("Cannot clear " + root + " (" + e.getMessage() + "); choose another directory");
        }
    }

    /** What a run makes. The summary first: half-cleared, a run is at least not taken for complete; last what shows a run. */
    private List<Path> parts() {
        return List.of(
                summary(),
                recipe(),
                events(),
                checkpoints(),
                datasets(),
                samples(),
                evals(),
                curated(),
                malformed(),
                reference(),
                report(),
                root.resolve("report.md"),
                root.resolve("tensorboard"),
                starts());
    }

    /** A file of the run by its relative name; refuses one that leads out of the run's directory. */
    Path inside(String name) {
        Path base = root.toAbsolutePath().normalize();
        Path file = base.resolve(name).normalize();
        if (!file.startsWith(base)) {
            throw new UserError("The file " + name + " leads out of " + root + "; do not use this run");
        }
        return file;
    }

    /** Clears what a killed process left half frozen; for the holder of the run's lock. */
    void recover() {
        if (!Files.isDirectory(datasets())) {
            return;
        }
        try (Stream<Path> tree = Files.walk(datasets(), 2)) {
            for (Path part : tree.filter(path -> path.getFileName().toString().startsWith(FREEZING))
                    .toList()) {
                deleteTree(part);
            }
        } catch (IOException e) {
            throw new UserError("Cannot clear " + datasets() + " (" + e.getMessage() + "); check its permissions", e);
        }
    }

    /** Deletes the journals of evaluations that a run went back before, by an earlier checkpoint, and did not come to again. */
    void deleteJournals() {
        if (!Files.exists(samples())) {
            return;
        }
        try (Stream<Path> files = Files.list(samples())) {
            files.filter(file -> file.toString().endsWith(SampleJournal.SUFFIX)).forEach(RunDirectory::deleteFile);
        } catch (IOException e) {
            throw new UserError("Cannot read " + samples() + " (" + e.getMessage() + "); check its permissions", e);
        }
    }

    /** Deletes a file that is needed no more. */
    static void deleteFile(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UserError("Cannot delete " + file + " (" + e.getMessage() + "); check its permissions", e);
        }
    }

    static void deleteTree(Path part) throws IOException {
        if (!Files.exists(part)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(part)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
