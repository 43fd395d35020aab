package dev.hone.trainer.run;

import dev.hone.checkpoints.CheckpointContents;
import dev.hone.checkpoints.CheckpointException;
import dev.hone.checkpoints.CheckpointStore;
import dev.hone.checkpoints.Failpoint;
import dev.hone.checkpoints.RunLock;
import dev.hone.datasets.UserError;
import dev.hone.datasets.WholeFile;
import dev.hone.kernels.DeviceFault;
import dev.hone.kernels.DeviceOutOfMemory;
import dev.hone.trainer.distributed.ProcessLost;
import dev.hone.trainer.optim.NonFiniteLoss;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
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

    private final RunDirectory directory;
    private final RunLock lock;
    private final Recipe recipe;
    private final Output output;
    private final Learner learner;
    private final Events events;
    private final RunCheckpoints checkpoints;
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

    /**
     * @param lock of the directory, which the run then holds, as it does the learner
     * @param resumedFrom the checkpoint whose weights the learner has; null at the beginning
     */
    Run(
            RunDirectory directory,
            RunLock lock,
            Recipe recipe,
            Output output,
            Learner learner,
            @Nullable Path resumedFrom) {
        this.directory = directory;
        this.lock = lock;
        this.recipe = recipe;
        this.output = output.with(this::progressed);
        this.learner = learner;
        this.resumedFrom = resumedFrom;
        this.resumed = resumedFrom == null ? null : RunState.read(resumedFrom);
        this.step = resumed == null ? 0 : resumed.step();
        this.events = Events.open(directory.events(), resumed == null ? 0 : resumed.eventsLength());
        EventListeners.of(directory, recipe, step).forEach(events::tell);
        recipe.verification().use(directory.root());
        this.checkpoints = new RunCheckpoints(directory, recipe);
        if (resumedFrom != null) {
            this.metrics = CheckpointStore.metrics(resumedFrom);
            checkpoints.hold(resumedFrom);
        }
        this.system = new SystemEvents(directory.root(), fields -> event("system", "", fields));
        this.starts = new Starts(directory.starts());
        this.stop = new StopSignal(duration(recipe.checkpoint().stopTimeout()), output);
        learner.onStop(stop::asked);
        this.watchdog = new Watchdog(duration(recipe.checkpoint().hangTimeout()), directory.root(), this::hung);
    }

    private static Duration duration(double seconds) {
        return Duration.ofMillis(Math.round(seconds * 1000));
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

    /** How it stood at the checkpoint it goes on from. */
    @Nullable
    RunState resumed() {
        return resumed;
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
            checkpoints.check();
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

    /** Saves the run where it stands, unless that is done. */
    void saveHere() {
        if (!saved) {
            saveAndClear();
        }
    }

    /**
     * The checkpoint of a step so far, of this disk or the run's storage.
     *
     * @return null where neither has it sound any more
     */
    @Nullable
    Path checkpoint(long step) {
        checkpoints.await();
        return checkpoints.at(step);
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
        checkpoints.await();
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
        checkpoints.write(contents, state, metrics, events, spent, this::unstored);
        if (!background) {
            checkpoints.await();
        }
        saved = true;
    }

    private void unstored(String why) {
        event("storage_failed", "", Map.of("message", why));
        output.line("warning: " + why);
    }

    private void hung(Duration silence, Path stacks, boolean over) {
        event("hung", "", Map.of("seconds", silence.toMillis() / 1000.0, "stacks", stacks.toString(), "ended", over));
        output.line("no sign of life for " + silence.toSeconds() + " s; the threads' stacks are in " + stacks
                + (over ? "; ending: go on with `hone resume " + directory.root() + "`" : ""));
    }

    /** The run's last act: its summary, its report, and what both say, for people. */
    public void finish(Results results) {
        checkpoints.await();
        directory.deleteJournals();
        event("run_ended", "", Map.of("seconds", results.seconds()));
        results.write(directory.summary());
        Path report = Report.write(directory.root());
        checkpoints.storeDirectory();
        if (!results.phases().isEmpty()) {
            output.line("");
            output.line(results.table());
        }
        output.line("report       " + report);
        output.line("results      " + directory.summary());
        output.line("model        "
                + checkpoints
                        .latest()
                        .map(latest -> latest.resolve(ModelFolder.MODEL).toString())
                        .orElse("none"));
    }

    /** A run refused before it saved anything is none: once the user has put things right, it can be started again. */
    private UserError withdrawn(UserError refusal) {
        if (checkpoints.isEmpty()) {
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
            checkpoints.await();
            starts.ended(Starts.STOPPED);
            output.line("stopped by a signal at step " + step + ", saved; go on with: hone resume " + directory.root());
            throw e;
        } catch (NonFiniteLoss e) {
            starts.ended(Starts.REFUSED);
            throw new UserError(e.getMessage() + "; the pairs are listed in " + keepCulprits(e)
                    + " and the last checkpoint is untouched");
        } catch (CheckpointException e) {
            starts.ended(Starts.REFUSED);
            throw e;
        } catch (ProcessLost e) {
            event("process_lost", "", Map.of("message", String.valueOf(e.getMessage())));
            throw new ProcessLost("At step " + step + " " + e.getMessage() + "; " + goOn(), e);
        } catch (UserError e) {
            starts.ended(Starts.REFUSED);
            throw withdrawn(e);
        } catch (DeviceOutOfMemory e) {
            starts.ended(Starts.REFUSED);
            throw withdrawn(learner.memory().tooMuch(e));
        } catch (RuntimeException e) {
            if (DeviceFault.isOutOfMemory(e)) {
                starts.ended(Starts.REFUSED);
                throw learner.memory().tooMuch("in step " + step + " the device is " + e.getMessage());
            }
            if (!DeviceFault.is(e)) {
                throw e;
            }
            starts.ended(Starts.REFUSED);
            event("device_failed", "", Map.of("message", String.valueOf(e.getMessage())));
            throw new UserError("At step " + step + " " + e.getMessage() + "; " + goOn(), e);
        }
    }

    /** What is left of a run that fails through no fault of its own, and what to do. */
    private String goOn() {
        checkpoints.await();
        String last = checkpoints
                .latest()
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
            checkpoints.close();
        } finally {
            system.close();
            watchdog.close();
            learner.close();
            events.close();
            lock.close();
            stop.close();
        }
    }
}
