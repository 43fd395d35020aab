package dev.hone.trainer.run;

import dev.hone.benchmarks.SampleJournal;
import dev.hone.checkpoints.CheckpointContents;
import dev.hone.checkpoints.CheckpointException;
import dev.hone.checkpoints.CheckpointStore;
import dev.hone.checkpoints.CheckpointWriter;
import dev.hone.checkpoints.Failpoint;
import dev.hone.checkpoints.Retention;
import dev.hone.checkpoints.RunLock;
import dev.hone.datasets.UserError;
import dev.hone.datasets.WholeFile;
import dev.hone.kernels.DType;
import dev.hone.kernels.DeviceFault;
import dev.hone.kernels.DeviceOutOfMemory;
import dev.hone.trainer.distributed.Launch;
import dev.hone.trainer.distributed.ProcessLost;
import dev.hone.trainer.logging.MlflowWriter;
import dev.hone.trainer.logging.PrometheusEndpoint;
import dev.hone.trainer.logging.TensorBoardWriter;
import dev.hone.trainer.optim.NonFiniteLoss;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.recipe.RecipeWriter;
import dev.hone.trainer.report.Report;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A run under way: its directory, held for this process, its learner, and where it stands. What runs it says after each
 * step where that is ({@link #advanced}), so that it can be saved and later go on from there.
 */
public final class Run implements AutoCloseable {

    /** What {@link #measured} may be told of: recipes choose the best checkpoint by it. */
    public static final String EVAL_LOSS = "eval_loss";

    public static final String ACCURACY = "accuracy";
    public static final String REWARD = "reward";

    private static final String REFUSED = "refused";

    private final RunDirectory directory;
    private final RunLock lock;
    private final Recipe recipe;
    private final Output output;
    private final Learner learner;
    private final Events events;
    private final CheckpointStore store;
    private final CheckpointWriter writer = new CheckpointWriter();
    private final @Nullable RunStorage storage;
    private final Starts starts;
    private final StopSignal stop;
    private final Watchdog watchdog;
    private final Map<String, Double> measured = new LinkedHashMap<>();
    private final List<Path> spent = new ArrayList<>();
    private Map<String, Double> metrics = Map.of();
    private final SystemEvents system;
    private final @Nullable Path resumedFrom;
    private final @Nullable RunState resumed;
    private final long started = System.nanoTime();
    private volatile long step;
    private @Nullable Object position;
    private long eventsAtPosition;
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
        this.output = output.with(this::progressed);
        this.learner = learner;
        this.store = store;
        this.resumedFrom = resumedFrom;
        this.resumed = resumedFrom == null ? null : RunState.read(resumedFrom);
        this.step = resumed == null ? 0 : resumed.step();
        this.events = Events.open(directory.events(), resumed == null ? 0 : resumed.eventsLength());
        report(recipe.logging());
        recipe.verification().use(directory.root());
        if (resumedFrom != null) {
            this.metrics = CheckpointStore.metrics(resumedFrom);
            store.hold(resumedFrom);
        }
        this.storage = storage(recipe);
        this.system = new SystemEvents(directory.root(), fields -> event("system", "", fields));
        this.starts = new Starts(directory.starts());
        this.stop = new StopSignal(duration(recipe.checkpoint().stopTimeout()), output);
        learner.onStop(stop::asked);
        this.watchdog = new Watchdog(duration(recipe.checkpoint().hangTimeout()), directory.root(), this::hung);
    }

    private void report(Recipe.Logging logging) {
        if (logging.reportTo().contains("tensorboard")) {
            @Nullable Path asked = logging.loggingDir();
            events.tell(new TensorBoardWriter(asked == null ? directory.root().resolve("tensorboard") : asked, step));
        }
        if (logging.reportTo().contains("prometheus")) {
            events.tell(new PrometheusEndpoint(name(), logging.prometheusPort()));
        }
        @Nullable String mlflow = logging.mlflowTrackingUri();
        if (logging.reportTo().contains("mlflow") && mlflow != null) {
            events.tell(new MlflowWriter(
                    MlflowWriter.Server.of(URI.create(mlflow), logging.mlflowExperimentName(), System.getenv()),
                    name(),
                    RecipeWriter.flat(recipe),
                    List.of(directory.report(), directory.recipe())));
        }
    }

    private String name() {
        Path name = directory.root().toAbsolutePath().normalize().getFileName();
        return name == null ? "run" : name.toString();
    }

    private static Duration duration(double seconds) {
        return Duration.ofMillis(Math.round(seconds * 1000));
    }

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
        if (Files.exists(directory.recipe())) {
            throw new UserError(directory.root() + " holds a run already; go on with it by `hone resume "
                    + directory.root() + "`, start it over with --overwrite, or give another --output-dir");
        }
        RunLock lock = RunLock.acquire(directory.root());
        @Nullable Learner learner = null;
        Starts starts = new Starts(directory.starts());
        try {
            // A run as the model to start from stands for its newest checkpoint, which moves on.
            @Nullable Path model = asked.model().path();
            @Nullable Path folder = model == null ? null : ModelFolder.of(model);
            Recipe fixed = folder == null ? asked : asked.withModel(folder);
            // So that it writes the same prompts on another day.
            Recipe recipe = ChatUse.of(fixed.model()).hasTemplate(folder) ? fixed.dated(LocalDate.now()) : fixed;
            starts.began(Starts.BEGINNING, false, Map.of("device", recipe.device()));
            learner = Learner.open(recipe, launch, output);
            // Last: a directory with a recipe is a run, and this one can now start.
            RecipeWriter.write(directory.recipe(), recipe);
            Run run = new Run(directory, lock, recipe, output, learner, store(directory, recipe), null);
            run.event("run_started", "", run.description());
            return run;
        } catch (RuntimeException e) {
            noteRefusal(starts, e);
            throw closed(e, learner, lock);
        }
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
            CheckpointStore store = store(directory, recipe);
            store.recover();
            directory.recover();
            List<String> damaged = new ArrayList<>();
            @Nullable Path checkpoint = checkpoint(recipe, store, options.from(), damaged::add);
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
            Run run = new Run(directory, lock, recipe, output, learner, store, checkpoint);
            run.tellResumed(options, damaged);
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
                RunStorage storage = storage(recipe)) {
            @Nullable Path latest = store(directory, recipe).latest().orElse(null);
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

    private void tellResumed(ResumeOptions options, List<String> damaged) {
        event(resumedFrom == null ? "run_started" : "run_resumed", "", description());
        for (String fault : damaged) {
            event("checkpoint_damaged", "", Map.of("message", fault));
            output.line("passed over: " + fault);
        }
        output.line(
                resumedFrom == null ? "no checkpoint yet: starting from the beginning" : "resumed from " + resumedFrom);
        if (!options.set().isEmpty()) {
            event("recipe_changed", "", Map.of("set", options.set()));
            output.line("changed in recipe.yaml: " + String.join(", ", options.set()));
        }
        String before = resumed == null ? null : resumed.device();
        String now = learner.device().name();
        if (before != null && !before.equals(now)) {
            event("device_changed", "", Map.of("from", before, "to", now));
            output.line(
                    "the device changed from " + before + " to " + now
                            + ": the run goes on from the same weights, but its numbers differ in their last bits from here on");
        }
        if (resumed != null) {
            int processesBefore = resumed.worldSize() == null ? 1 : resumed.worldSize();
            int processesNow = learner.worldSize();
            if (processesBefore != processesNow) {
                event("world_size_changed", "", Map.of("from", processesBefore, "to", processesNow));
                output.line("the number of processes changed from " + processesBefore + " to " + processesNow
                        + ": the run goes on from the same weights, but sums in another order, so its numbers differ in"
                        + " their last bits from here on");
            }
        }
    }

    private static void noteRefusal(Starts starts, RuntimeException e) {
        if (e instanceof UserError || e instanceof CheckpointException) {
            starts.ended(REFUSED);
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
        return new CheckpointStore(directory.checkpoints(), retention(recipe));
    }

    private static @Nullable RunStorage storage(Recipe recipe) {
        String address = recipe.checkpoint().storage();
        return address == null ? null : RunStorage.open(address, retention(recipe));
    }

    private static Retention retention(Recipe recipe) {
        Recipe.Checkpoints settings = recipe.checkpoint();
        String metric = settings.metricForBestModel();
        return new Retention(
                settings.saveTotalLimit(),
                settings.keepEvery(),
                metric == null ? null : new Retention.Best(metric, !metric.equals(EVAL_LOSS)));
    }

    /** The checkpoint to go on from: of this disk, or where there is none of the run's storage; null where neither has one. */
    private static @Nullable Path checkpoint(
            Recipe recipe, CheckpointStore store, @Nullable Long from, Consumer<String> damaged) {
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

    private Map<String, ?> description() {
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

    private void progressed(String task, long done, long total) {
        event("progress", "", Map.of("task", task, "done", done, "total", total));
    }

    /** Throws {@link RunStopped} when a signal asked the run to end. Nothing may be half done when this is called. */
    public void stopIfAsked() {
        watchdog.alive();
        if (stop.requested()) {
            throw new RunStopped(stop.exitCode());
        }
    }

    /** Notes what was measured of the weights as they are now: the next checkpoint carries it. */
    public void measured(String metric, double value) {
        measured.put(metric, value);
    }

    /** Whether this was measured of the weights as they are now. */
    boolean isMeasured(String metric) {
        return metrics.containsKey(metric) || measured.containsKey(metric);
    }

    /** A file that is needed no more once the run is saved at a later position. */
    void spent(Path file) {
        spent.add(file);
    }

    /** An optimizer step is done and the run now stands at {@code position}: saved when it is time. */
    public void advanced(Object position) {
        stepped(position);
        settled();
    }

    /**
     * The first half of {@link #advanced}: an optimizer step is done. What follows, up to {@link #settled}, belongs to the
     * step but changes no weights: a run that is stopped there is saved at this position, as if it had not begun.
     */
    void stepped(Object position) {
        Failpoint.reach("step");
        step++;
        this.position = position;
        metrics = Map.copyOf(measured);
        measured.clear();
        eventsAtPosition = events.length();
        saved = false;
    }

    /** The second half: saved when it is time. */
    void settled() {
        takeMeasured();
        if (step % recipe.checkpoint().saveSteps() == 0) {
            saveAndClear();
        } else {
            writer.check();
        }
        stopIfAsked();
    }

    /** Something that took long is done and the run now stands at {@code position}: saved. */
    public void reached(Object position) {
        this.position = position;
        takeMeasured();
        saveAndClear();
        stopIfAsked();
    }

    private void saveAndClear() {
        List<Path> files = List.copyOf(spent);
        spent.clear();
        save(events::length, files);
    }

    private void takeMeasured() {
        Map<String, Double> all = new LinkedHashMap<>(metrics);
        all.putAll(measured);
        metrics = all;
        measured.clear();
        eventsAtPosition = events.length();
    }

    /**
     * Takes what is to be saved; a thread of its own writes it while training goes on, unless the recipe says not to.
     *
     * @param length of the events that are part of it
     * @param spent to be deleted once it is saved
     */
    private void save(LongSupplier length, List<Path> spent) {
        long begin = System.nanoTime();
        writer.await();
        long idle = System.nanoTime();
        boolean background = recipe.checkpoint().inBackground();
        CheckpointContents contents = learner.contents(background);
        Failpoint.reach("save.copied");
        long copied = System.nanoTime();
        event("checkpoint", "", Map.of("waited_seconds", (idle - begin) / 1e9, "copy_seconds", (copied - idle) / 1e9));
        RunState state = new RunState(
                step,
                length.getAsLong(),
                seconds(),
                peakRssBytes(),
                learner.device().name(),
                learner.worldSize(),
                RunState.JSON.valueToTree(position));
        long at = step;
        Map<String, Double> carried = metrics;
        writer.start(() -> {
            events.sync();
            Path written = store.save(at, carried, checkpoint -> {
                contents.writeTo(checkpoint);
                state.write(checkpoint);
            });
            spent.forEach(Run::delete);
            storeElsewhere(written);
        });
        if (!background) {
            writer.await();
        }
        saved = true;
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UserError("Cannot delete " + file + " (" + e.getMessage() + "); check its permissions", e);
        }
    }

    /** Those of evaluations that a run went back before, by an earlier checkpoint, and did not come to again. */
    private void deleteJournals() {
        try (Stream<Path> samples =
                Files.exists(directory.samples()) ? Files.list(directory.samples()) : Stream.empty()) {
            samples.filter(file -> file.toString().endsWith(SampleJournal.SUFFIX))
                    .forEach(Run::delete);
        } catch (IOException e) {
            throw new UserError(
                    "Cannot read " + directory.samples() + " (" + e.getMessage() + "); check its permissions", e);
        }
    }

    /** Storage that cannot be reached costs the run nothing: the checkpoint is on the disk, and the next try takes all. */
    private void storeElsewhere(Path checkpoint) {
        if (storage == null) {
            return;
        }
        try {
            storage.store(directory, checkpoint);
        } catch (CheckpointException e) {
            event("storage_failed", "", Map.of("message", String.valueOf(e.getMessage())));
            output.line(
                    "warning: " + checkpoint.getFileName() + " is saved here but not in storage: " + e.getMessage());
        }
    }

    private void hung(Duration silence, Path stacks, boolean over) {
        event("hung", "", Map.of("seconds", silence.toMillis() / 1000.0, "stacks", stacks.toString(), "ended", over));
        output.line("no sign of life for " + silence.toSeconds() + " s; the threads' stacks are in " + stacks
                + (over ? "; ending: go on with `hone resume " + directory.root() + "`" : ""));
    }

    /** The run's last act: its summary, its report, and what both say, for people. */
    public void finish(Results results) {
        writer.await();
        deleteJournals();
        event("run_ended", "", Map.of("seconds", results.seconds()));
        results.write(directory.summary());
        Path report = Report.write(directory.root());
        if (storage != null) {
            storage.store(directory, store.latest().orElseThrow());
        }
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
            starts.ended(Starts.DONE);
        } catch (RunStopped e) {
            if (!saved) {
                // What was begun since is done again.
                save(() -> eventsAtPosition, List.of());
            }
            writer.await();
            starts.ended("stopped");
            output.line("stopped by a signal at step " + step + ", saved; go on with: hone resume " + directory.root());
            throw e;
        } catch (NonFiniteLoss e) {
            starts.ended(REFUSED);
            throw new UserError(e.getMessage() + "; the pairs are listed in " + keepCulprits(e)
                    + " and the last checkpoint is untouched");
        } catch (CheckpointException e) {
            starts.ended(REFUSED);
            throw e;
        } catch (ProcessLost e) {
            event("process_lost", "", Map.of("message", String.valueOf(e.getMessage())));
            throw new ProcessLost("At step " + step + " " + e.getMessage() + "; " + goOn(), e);
        } catch (UserError e) {
            starts.ended(REFUSED);
            throw withdrawn(e);
        } catch (DeviceOutOfMemory e) {
            starts.ended(REFUSED);
            throw withdrawn(learner.memory().tooMuch(e));
        } catch (RuntimeException e) {
            if (DeviceFault.isOutOfMemory(e)) {
                starts.ended(REFUSED);
                throw learner.memory().tooMuch("in step " + step + " the device is " + e.getMessage());
            }
            if (!DeviceFault.is(e)) {
                throw e;
            }
            starts.ended(REFUSED);
            event("device_failed", "", Map.of("message", String.valueOf(e.getMessage())));
            throw new UserError("At step " + step + " " + e.getMessage() + "; " + goOn(), e);
        }
    }

    /** What is left of a run that fails through no fault of its own, and what to do. */
    private String goOn() {
        writer.await();
        String last = store.latest()
                .map(latest -> "the last checkpoint, " + latest.getFileName() + ", is intact")
                .orElse("no checkpoint was saved before");
        return last + ": go on with `hone resume " + directory.root() + "`";
    }

    private Path keepCulprits(NonFiniteLoss e) {
        Path file = directory.root().resolve("nonfinite-step-" + step + ".json");
        event("nonfinite_loss", "", Map.of("ids", e.ids()));
        Map<String, Object> culprits = Map.of("step", step, "message", String.valueOf(e.getMessage()), "ids", e.ids());
        WholeFile.write(
                file,
                writer -> writer.write(
                        RunState.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(culprits) + "\n"),
                io -> new UserError("Cannot write " + file + " (" + io.getMessage() + "); " + e.getMessage(), io));
        return file;
    }

    @Override
    public void close() {
        try {
            // What is being saved is saved, whatever ends the run.
            writer.close();
        } finally {
            system.close();
            watchdog.close();
            if (storage != null) {
                storage.close();
            }
            learner.close();
            events.close();
            lock.close();
            stop.close();
        }
    }
}
