package dev.hone.trainer.run;

import dev.hone.checkpoints.CheckpointContents;
import dev.hone.checkpoints.CheckpointException;
import dev.hone.checkpoints.CheckpointStore;
import dev.hone.checkpoints.CheckpointWriter;
import dev.hone.checkpoints.Retention;
import dev.hone.trainer.recipe.CheckpointKeys;
import dev.hone.trainer.recipe.Recipe;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A run's checkpoints, on this disk and in its storage, and the thread that writes them. */
final class RunCheckpoints implements AutoCloseable {

    private final RunDirectory directory;
    private final CheckpointStore store;
    private final @Nullable RunStorage storage;
    private final CheckpointWriter writer = new CheckpointWriter();

    RunCheckpoints(RunDirectory directory, Recipe recipe) {
        this.directory = directory;
        this.store = store(directory, recipe);
        this.storage = storage(recipe);
    }

    static CheckpointStore store(RunDirectory directory, Recipe recipe) {
        return new CheckpointStore(directory.checkpoints(), retention(recipe));
    }

    static @Nullable RunStorage storage(Recipe recipe) {
        String address = recipe.checkpoint().storage();
        return address == null ? null : RunStorage.open(address, retention(recipe));
    }

    private static Retention retention(Recipe recipe) {
        CheckpointKeys settings = recipe.checkpoint();
        String metric = settings.metricForBestModel();
        return new Retention(
                settings.saveTotalLimit(),
                settings.keepEvery(),
                metric == null ? null : new Retention.Best(metric, !metric.equals(Run.EVAL_LOSS)));
    }

    /** The checkpoint to go on from: of this disk, or where there is none of the run's storage; null where neither has one. */
    static @Nullable Path find(Recipe recipe, CheckpointStore store, @Nullable Long from, Consumer<String> damaged) {
        @Nullable
        Path local = from == null
                ? store.latest(damaged).orElse(null)
                : store.list().stream()
                        .filter(checkpoint -> CheckpointStore.step(checkpoint) == from)
                        .findFirst()
                        .map(checkpoint -> store.at(from))
                        .orElse(null);
        if (local != null) {
            return local;
        }
        try (RunStorage storage = storage(recipe)) {
            @Nullable
            Path fetched = storage == null
                    ? null
                    : storage.fetchCheckpoint(from, store, damaged).orElse(null);
            return fetched == null && from != null ? store.at(from) : fetched;
        }
    }

    /** Keeps a checkpoint that the run needs, whatever the recipe says is kept. */
    void hold(Path checkpoint) {
        store.hold(checkpoint);
    }

    /** The checkpoint of a step, of this disk or the run's storage; null where neither has it sound. */
    @Nullable
    Path at(long step) {
        try {
            return store.at(step);
        } catch (CheckpointException missing) {
            return storage == null
                    ? null
                    : storage.fetchCheckpoint(step, store, damaged -> {}).orElse(null);
        }
    }

    Optional<Path> latest() {
        return store.latest();
    }

    boolean isEmpty() {
        return store.list().isEmpty();
    }

    /**
     * Starts to write a checkpoint. What fails is thrown by the next {@link #await} or {@link #check}.
     *
     * @param metrics measured of its weights
     * @param events put on the disk before it
     * @param spent files that are deleted once it is written
     * @param unstored told why storage does not have it: that costs the run nothing, as the next try takes all
     */
    void write(
            CheckpointContents contents,
            RunState state,
            Map<String, Double> metrics,
            Events events,
            List<Path> spent,
            Consumer<String> unstored) {
        writer.start(() -> {
            events.sync();
            Path written = store.save(state.step(), metrics, checkpoint -> {
                contents.writeTo(checkpoint);
                state.write(checkpoint);
            });
            spent.forEach(RunDirectory::deleteFile);
            try {
                storeElsewhere(written);
            } catch (CheckpointException e) {
                unstored.accept(written.getFileName() + " is saved here but not in storage: " + e.getMessage());
            }
        });
    }

    /** Waits for the checkpoint under way. */
    void await() {
        writer.await();
    }

    /** Throws what became of the checkpoint under way if it has failed; does not wait. */
    void check() {
        writer.check();
    }

    /** Puts the directory as it now is into the run's storage, where it has one. */
    void storeDirectory() {
        storeElsewhere(store.latest().orElseThrow());
    }

    private void storeElsewhere(Path checkpoint) {
        if (storage != null) {
            storage.store(directory, checkpoint);
        }
    }

    /** What is being written is finished first. */
    @Override
    public void close() {
        try {
            writer.close();
        } finally {
            if (storage != null) {
                storage.close();
            }
        }
    }
}
