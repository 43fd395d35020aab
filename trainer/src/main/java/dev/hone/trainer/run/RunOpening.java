package dev.hone.trainer.run;

import dev.hone.checkpoints.CheckpointException;
import dev.hone.checkpoints.CheckpointStore;
import dev.hone.checkpoints.RunLock;
import dev.hone.datasets.UserError;
import dev.hone.kernels.DType;
import dev.hone.trainer.distributed.Launch;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.recipe.RecipeWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a run begins: in a directory that holds none, or from a checkpoint of one. */
public final class RunOpening {

    private RunOpening() {}

    /**
     * Starts a run in a directory that holds none.
     *
     * @throws UserError where the directory holds one already, or the recipe's model or device cannot be used
     */
    public static Run start(Recipe asked, RunDirectory directory, Output output) {
        return start(asked, directory, Launch.ALONE, output);
    }

    /** The same by several processes. */
    public static Run start(Recipe asked, RunDirectory directory, Launch launch, Output output) {
        requireNew(directory);
        RunLock lock = RunLock.acquire(directory.root());
        @Nullable Learner learner = null;
        Starts starts = new Starts(directory.starts());
        try {
            Recipe recipe = fixed(asked);
            starts.began(Starts.BEGINNING, false, Map.of("device", recipe.device()));
            learner = Learner.open(recipe, launch, output);
            // Last: a directory with a recipe is a run, and this one can now start.
            RecipeWriter.write(directory.recipe(), recipe);
            Run run = new Run(directory, lock, recipe, output, learner, null);
            run.event("run_started", "", description(learner));
            return run;
        } catch (RuntimeException e) {
            noteRefusal(starts, e);
            throw closed(e, learner, lock);
        }
    }

    /** Throws {@link UserError} where the directory holds a run, or what no run made. */
    static void requireNew(RunDirectory directory) {
        directory.requireOwn();
        if (Files.exists(directory.recipe())) {
            throw new UserError(directory.root() + " holds a run already; go on with it by `hone resume "
                    + directory.root() + "`, start it over with --overwrite, or give another --output-dir");
        }
    }

    /** The recipe as the run keeps it: what it names stays the same while the run goes on. */
    static Recipe fixed(Recipe asked) {
        // A run as the model to start from stands for its newest checkpoint, which moves on.
        @Nullable Path model = asked.model().path();
        @Nullable Path folder = model == null ? null : ModelFolder.of(model);
        Recipe fixed = folder == null ? asked : asked.withModel(folder);
        // So that it writes the same prompts on another day.
        return ChatUse.of(fixed.model()).hasTemplate(folder) ? fixed.dated(LocalDate.now()) : fixed;
    }

    /**
     * Goes on with a run from its newest sound checkpoint, or the one asked for; from the beginning where there is none
     * yet.
     *
     * @throws UserError where the recipe's model or device cannot be used, what is to be changed cannot be, or the run
     *     crashed again and again where it stands
     */
    public static Run resume(RunDirectory directory, ResumeOptions options, Output output) {
        return resume(directory, options, Launch.ALONE, output);
    }

    /** The same by several processes, perhaps more or fewer than before. */
    public static Run resume(RunDirectory directory, ResumeOptions options, Launch launch, Output output) {
        RunLock lock = RunLock.acquire(directory.root());
        @Nullable Learner learner = null;
        Starts starts = new Starts(directory.starts());
        boolean began = false;
        try {
            Recipe changed = Overrides.read(directory.recipe(), options.set());
            Recipe recipe = options.device() == null ? changed : changed.withDevice(options.device());
            CheckpointStore store = RunCheckpoints.store(directory, recipe);
            store.recover();
            directory.recover();
            List<String> damaged = new ArrayList<>();
            @Nullable Path checkpoint = RunCheckpoints.find(recipe, store, options.from(), damaged::add);
            String from = checkpoint == null ? Starts.BEGINNING : CheckpointStore.identity(checkpoint);
            refuseCrashLoop(directory, starts.withoutProgress(from), options, checkpoint);
            starts.began(from, options.retry(), Map.of("device", recipe.device(), "set", options.set()));
            began = true;
            learner = Learner.open(recipe, launch, output);
            if (checkpoint != null) {
                learner.readWeights(checkpoint);
            }
            if (!options.set().isEmpty()) {
                RecipeWriter.write(directory.recipe(), changed);
            }
            if (options.from() != null) {
                Branch.leave(directory, store, options.from(), output);
            }
            Run run = new Run(directory, lock, recipe, output, learner, checkpoint);
            tellResumed(run, options, damaged);
            return run;
        } catch (RuntimeException e) {
            if (began) {
                noteRefusal(starts, e);
            }
            throw closed(e, learner, lock);
        }
    }

    /**
     * Stores a complete run once more where its process ended before all of it was stored; otherwise does nothing.
     *
     * @throws CheckpointException where storage can still not be reached
     */
    public static void storeComplete(RunDirectory directory, Output output) {
        Starts starts = new Starts(directory.starts());
        Recipe recipe = Overrides.read(directory.recipe(), List.of());
        if (recipe.checkpoint().storage() == null || starts.isDone()) {
            return;
        }
        try (RunLock lock = RunLock.acquire(directory.root());
                RunStorage storage = RunCheckpoints.storage(recipe)) {
            @Nullable
            Path latest = RunCheckpoints.store(directory, recipe).latest().orElse(null);
            // None: this is itself a copy, fetched from storage without its checkpoints.
            if (storage != null && latest != null) {
                storage.store(directory, latest);
                starts.ended(Starts.DONE);
                output.line("stored in " + recipe.checkpoint().storage() + ", which its last process could not");
            }
        }
    }

    private static void refuseCrashLoop(
            RunDirectory directory, int crashes, ResumeOptions options, @Nullable Path checkpoint) {
        if (crashes >= Starts.LIMIT && !options.retry()) {
            throw new UserError(directory.root() + " was started " + crashes + " times in a row from "
                    + (checkpoint == null ? "the beginning" : "step " + CheckpointStore.step(checkpoint))
                    + " and each time ended without saving and without a word (killed, out of memory, or a fault in"
                    + " hone); find out why, or lower checkpoint.save_steps by --set, then go on with `hone resume "
                    + directory.root() + " --retry`");
        }
    }

    private static void tellResumed(Run run, ResumeOptions options, List<String> damaged) {
        Output output = run.output();
        Learner learner = run.learner();
        @Nullable Path from = run.resumedFrom();
        @Nullable RunState resumed = run.resumed();
        run.event(from == null ? "run_started" : "run_resumed", "", description(learner));
        for (String fault : damaged) {
            run.event("checkpoint_damaged", "", Map.of("message", fault));
            output.line("passed over: " + fault);
        }
        output.line(from == null ? "no checkpoint yet: starting from the beginning" : "resumed from " + from);
        if (!options.set().isEmpty()) {
            run.event("recipe_changed", "", Map.of("set", options.set()));
            output.line("changed in recipe.yaml: " + String.join(", ", options.set()));
        }
        String before = resumed == null ? null : resumed.device();
        String now = learner.device().name();
        if (before != null && !before.equals(now)) {
            run.event("device_changed", "", Map.of("from", before, "to", now));
            output.line(
                    "the device changed from " + before + " to " + now
                            + ": the run goes on from the same weights, but its numbers differ in their last bits from here on");
        }
        if (resumed != null) {
            int processesBefore = resumed.worldSize() == null ? 1 : resumed.worldSize();
            int processesNow = learner.worldSize();
            if (processesBefore != processesNow) {
                run.event("world_size_changed", "", Map.of("from", processesBefore, "to", processesNow));
                output.line("the number of processes changed from " + processesBefore + " to " + processesNow
                        + ": the run goes on from the same weights, but sums in another order, so its numbers differ in"
                        + " their last bits from here on");
            }
        }
    }

    private static void noteRefusal(Starts starts, RuntimeException e) {
        if (e instanceof UserError || e instanceof CheckpointException) {
            starts.ended(Starts.REFUSED);
        }
    }

    private static RuntimeException closed(RuntimeException cause, @Nullable Learner learner, RunLock lock) {
        if (learner != null) {
            learner.close();
        }
        lock.close();
        return cause;
    }

    private static Map<String, ?> description(Learner learner) {
        return Map.of(
                "device",
                learner.device().name(),
                "description",
                learner.device().description(),
                "dtype",
                learner.transformer().dtype() == DType.BF16 ? "bfloat16" : "float32",
                "world_size",
                learner.worldSize(),
                "parameters",
                learner.transformer().parameters().count(),
                "java",
                System.getProperty("java.version"));
    }
}
