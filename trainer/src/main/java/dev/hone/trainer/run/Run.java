package dev.hone.trainer.run;

import dev.hone.checkpoints.CheckpointStore;
import dev.hone.checkpoints.Retention;
import dev.hone.checkpoints.RunLock;
import dev.hone.datasets.UserError;
import dev.hone.trainer.optim.NonFiniteLoss;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.recipe.RecipeReader;
import dev.hone.trainer.recipe.RecipeWriter;
import dev.hone.trainer.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A run under way: its directory, held for this process, its learner, and where it stands. What runs it says after each
 * step where that is ({@link #advanced}), so that it can be saved and later go on from there.
 */
public final class Run implements AutoCloseable {

    private final RunDirectory directory;
    private final RunLock lock;
    private final Recipe recipe;
    private final Output output;
    private final Learner learner;
    private final Events events;
    private final CheckpointStore store;
    private final StopSignal stop = new StopSignal();
    private final @Nullable Path resumedFrom;
    private final @Nullable RunState resumed;
    private final long started = System.nanoTime();
    private long step;
    private @Nullable Object position;
    private boolean saved = true;

    private Run(
            RunDirectory directory,
            RunLock lock,
            Recipe recipe,
            Output output,
            Learner learner,
            CheckpointStore store,
            @Nullable Path resumedFrom) {
        this.directory = directory;
        this.lock = lock;
        this.recipe = recipe;
        this.output = output;
        this.learner = learner;
        this.store = store;
        this.resumedFrom = resumedFrom;
        this.resumed = resumedFrom == null ? null : RunState.read(resumedFrom);
        this.step = resumed == null ? 0 : resumed.step();
        this.events = Events.open(directory.events(), resumed == null ? 0 : resumed.eventsLength());
    }

    /**
     * Starts a run in a directory that holds none.
     *
     * @throws UserError where the directory holds one already, or the recipe's model or device cannot be used
     */
    public static Run start(Recipe asked, RunDirectory directory, Output output) {
        if (Files.exists(directory.recipe())) {
            throw new UserError(directory.root() + " holds a run already; go on with it by `hone resume "
                    + directory.root() + "`, start it over with --overwrite, or give another --output-dir");
        }
        RunLock lock = RunLock.acquire(directory.root());
        @Nullable Learner learner = null;
        try {
            // A run as the model to start from stands for its newest checkpoint, which moves on.
            @Nullable Path model = asked.model().path();
            Recipe recipe = model == null ? asked : asked.withModel(ModelFolder.of(model));
            learner = Learner.open(recipe, output);
            // Last: a directory with a recipe is a run, and this one can now start.
            RecipeWriter.write(directory.recipe(), recipe);
            Run run = new Run(directory, lock, recipe, output, learner, store(directory, recipe), null);
            run.event("run_started", "", run.description());
            return run;
        } catch (RuntimeException e) {
            throw closed(e, learner, lock);
        }
    }

    /**
     * Goes on with a run from its newest sound checkpoint; from the beginning where there is none yet.
     *
     * @param device another device than the recipe's, or null
     */
    public static Run resume(RunDirectory directory, @Nullable String device, Output output) {
        RunLock lock = RunLock.acquire(directory.root());
        @Nullable Learner learner = null;
        try {
            Recipe read = RecipeReader.read(directory.recipe());
            Recipe recipe = device == null ? read : read.withDevice(device);
            CheckpointStore store = store(directory, recipe);
            @Nullable Path checkpoint = store.latest().orElse(null);
            learner = Learner.open(recipe, output);
            if (checkpoint != null) {
                learner.readWeights(checkpoint);
            }
            Run run = new Run(directory, lock, recipe, output, learner, store, checkpoint);
            run.event(checkpoint == null ? "run_started" : "run_resumed", "", run.description());
            output.line(
                    checkpoint == null
                            ? "no checkpoint yet: starting from the beginning"
                            : "resumed from " + checkpoint);
            return run;
        } catch (RuntimeException e) {
            throw closed(e, learner, lock);
        }
    }

    private static RuntimeException closed(RuntimeException cause, @Nullable Learner learner, RunLock lock) {
        if (learner != null) {
            learner.close();
        }
        lock.close();
        return cause;
    }

    private static CheckpointStore store(RunDirectory directory, Recipe recipe) {
        return new CheckpointStore(
                directory.checkpoints(), new Retention(recipe.checkpoint().saveTotalLimit(), true));
    }

    private Map<String, ?> description() {
        return Map.of(
                "device",
                learner.device().name(),
                "description",
                learner.device().description(),
                "parameters",
                learner.transformer().parameters().count(),
                "java",
                System.getProperty("java.version"));
    }

    public RunDirectory directory() {
        return directory;
    }

    public Recipe recipe() {
        return recipe;
    }

    public Output output() {
        return output;
    }

    public Learner learner() {
        return learner;
    }

    /** Optimizer steps so far, in all. */
    public long step() {
        return step;
    }

    /** Seconds of all its processes so far. */
    public double seconds() {
        return (resumed == null ? 0 : resumed.seconds()) + (System.nanoTime() - started) / 1e9;
    }

    public long peakRssBytes() {
        return Math.max(resumed == null ? 0 : resumed.peakRssBytes(), PeakMemory.bytes());
    }

    /** Where the run stood when it was saved, in the words of what runs it; {@code start} for a new run. */
    public <T> T position(Class<T> type, T start) {
        JsonNode saved = resumed == null ? null : resumed.position();
        T position = saved == null ? start : RunState.JSON.treeToValue(saved, type);
        this.position = position;
        return position;
    }

    /** Where a stage entered in its middle finds the optimizer's state. */
    @Nullable
    Path resumedFrom() {
        return resumedFrom;
    }

    /** Notes something that happened, in events.jsonl. */
    public void event(String name, String phase, Map<String, ?> fields) {
        events.append(name, step, phase, fields);
    }

    /** Throws {@link RunStopped} when a signal asked the run to end. Nothing may be half done when this is called. */
    public void stopIfAsked() {
        if (stop.requested()) {
            throw new RunStopped();
        }
    }

    /** An optimizer step is done and the run now stands at {@code position}: saved when it is time. */
    public void advanced(Object position) {
        step++;
        this.position = position;
        saved = false;
        if (step % recipe.checkpoint().saveSteps() == 0) {
            save();
        }
        stopIfAsked();
    }

    /** Something that took long is done and the run now stands at {@code position}: saved. */
    public void reached(Object position) {
        this.position = position;
        save();
        stopIfAsked();
    }

    private void save() {
        RunState state =
                new RunState(step, events.sync(), seconds(), peakRssBytes(), RunState.JSON.valueToTree(position));
        store.save(step, checkpoint -> {
            learner.save(checkpoint);
            state.write(checkpoint);
        });
        saved = true;
    }

    /** The run's last act: its summary, its report, and what both say, for people. */
    public void finish(Results results) {
        event("run_ended", "", Map.of("seconds", results.seconds()));
        results.write(directory.summary());
        Path report = Report.write(directory.root());
        if (!results.phases().isEmpty()) {
            output.line("");
            output.line(results.table());
        }
        output.line("report       " + report);
        output.line("results      " + directory.summary());
        output.line("model        "
                + store.latest()
                        .map(latest -> latest.resolve(ModelFolder.MODEL).toString())
                        .orElse("none"));
    }

    /** A run refused before it saved anything is none: once the user has put things right, it can be started again. */
    private UserError withdrawn(UserError refusal) {
        if (store.list().isEmpty()) {
            try {
                Files.deleteIfExists(directory.recipe());
            } catch (IOException e) {
                refusal.addSuppressed(e);
            }
        }
        return refusal;
    }

    /** Does the run's work; when a signal or a loss that is no number ends it, leaves behind what is needed then. */
    public void execute(Runnable work) {
        try {
            work.run();
        } catch (RunStopped e) {
            if (!saved) {
                save();
            }
            output.line("stopped by a signal at step " + step + ", saved; go on with: hone resume " + directory.root());
            throw e;
        } catch (NonFiniteLoss e) {
            throw new UserError(e.getMessage() + "; the pairs are listed in " + keepCulprits(e)
                    + " and the last checkpoint is untouched");
        } catch (UserError e) {
            throw withdrawn(e);
        }
    }

    private Path keepCulprits(NonFiniteLoss e) {
        Path file = directory.root().resolve("nonfinite-step-" + step + ".json");
        event("nonfinite_loss", "", Map.of("ids", e.ids()));
        try {
            Files.writeString(
                    file,
                    RunState.JSON
                                    .writerWithDefaultPrettyPrinter()
                                    .writeValueAsString(Map.of(
                                            "step", step, "message", String.valueOf(e.getMessage()), "ids", e.ids()))
                            + "\n");
        } catch (IOException io) {
            throw new UserError("Cannot write " + file + " (" + io.getMessage() + "); " + e.getMessage(), io);
        }
        return file;
    }

    @Override
    public void close() {
        learner.close();
        events.close();
        lock.close();
        stop.close();
    }
}
