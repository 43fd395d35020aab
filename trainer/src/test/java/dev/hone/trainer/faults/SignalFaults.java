package dev.hone.trainer.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.checkpoints.CheckpointStore;
import dev.hone.checkpoints.Retention;
import dev.hone.trainer.cli.HoneProcess;
import dev.hone.trainer.cli.Recipes;
import dev.hone.trainer.run.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Signals, hangs, crashes: what ends a process. */
final class SignalFaults {

    /** A step of the run that lasts for good, and one of a save. */
    private static final String HELD_STEP = "-Dhone.failpoint=step:5";

    private static final String HELD_SAVE = "-Dhone.failpoint=save.written:2";

    private SignalFaults() {}

    static List<Fault> all() {
        return List.of(
                new Fault(
                        "sigterm",
                        "saves the step it is at, exits with 143, goes on with the same bits",
                        d -> saves(d, "TERM", 143)),
                new Fault(
                        "sigint",
                        "saves the step it is at, exits with 130, goes on with the same bits",
                        d -> saves(d, "INT", 130)),
                new Fault("second-signal", "ends at once with 3 while a save is stuck", SignalFaults::second),
                new Fault("stop-timeout", "ends with 3 when saving takes longer than the bound", SignalFaults::bound),
                new Fault(
                        "hung-step",
                        "writes all stacks down, then ends with 4; goes on with the same bits",
                        SignalFaults::hung),
                new Fault(
                        "crash-loop",
                        "is refused after 5 crashes at one place, goes on when told to",
                        SignalFaults::crashLoop));
    }

    private static String saves(Path directory, String signal, int exitCode) throws Exception {
        Path recipe = Recipes.fineTuning(directory, 60);
        HoneRun whole = HoneRun.undisturbed(recipe);
        HoneRun run = HoneRun.of(recipe, "stopped");
        Process process = run.train();
        run.awaitSteps(process, 21);
        long begin = System.nanoTime();
        HoneProcess.signal(process, signal);
        run.ends(process, exitCode);
        double seconds = (System.nanoTime() - begin) / 1e9;
        Path saved = newest(run);
        assertThat(CheckpointStore.step(saved)).isEqualTo(run.steps());
        run.ends(run.resume(), 0);
        Bits.same(run, whole);
        return String.format(Locale.ROOT, "saved step %d and ended after %.2f s", CheckpointStore.step(saved), seconds);
    }

    private static String second(Path directory) throws Exception {
        Path recipe = Recipes.fineTuning(directory, 60);
        HoneRun run = HoneRun.of(recipe, "stopped");
        Process process = run.train(HELD_SAVE);
        run.awaitSaid(process, "failpoint");
        HoneProcess.signal(process, "TERM");
        run.awaitSaid(process, "SIGTERM: saving");
        Thread.sleep(200);
        assertThat(process.isAlive()).isTrue();
        long begin = System.nanoTime();
        HoneProcess.signal(process, "TERM");
        run.ends(process, ExitCode.ENDED_AT_ONCE);
        double seconds = (System.nanoTime() - begin) / 1e9;
        assertThat(seconds).isLessThan(2);
        run.ends(run.resume(), 0);
        Bits.same(run, HoneRun.undisturbed(recipe));
        return String.format(Locale.ROOT, "ended %.0f ms after the second", seconds * 1000);
    }

    private static String bound(Path directory) throws Exception {
        Path recipe = Recipes.fineTuning(directory, 60);
        Files.writeString(
                recipe,
                Files.readString(recipe).replace("save_total_limit: 2", "save_total_limit: 2, stop_timeout: 1"));
        HoneRun run = HoneRun.of(recipe, "stopped");
        Process process = run.train(HELD_SAVE);
        run.awaitSaid(process, "failpoint");
        HoneProcess.signal(process, "TERM");
        run.ends(process, ExitCode.ENDED_AT_ONCE);
        assertThat(run.said()).contains("not saved within the 1 s of checkpoint.stop_timeout");
        run.ends(run.resume(), 0);
        Bits.same(run, HoneRun.undisturbed(recipe));
        return "ended after the 1 s it had";
    }

    private static String hung(Path directory) throws Exception {
        Path recipe = Recipes.fineTuning(directory, 60);
        HoneRun whole = HoneRun.undisturbed(recipe);
        Files.writeString(
                recipe,
                Files.readString(recipe).replace("save_total_limit: 2", "save_total_limit: 2, hang_timeout: 2"));
        HoneRun run = HoneRun.of(recipe, "hung");
        run.ends(run.train(HELD_STEP), ExitCode.HUNG);
        String stacks = Files.readString(run.directory().resolve("hung-1.txt"));
        assertThat(stacks).contains("Failpoint.hold").contains("SftStage.train").contains("\"main\"");
        assertThat(run.directory().resolve("hung-2.txt")).exists();
        assertThat(run.events("hung")).hasSize(2);
        run.ends(run.resume(), 0);
        Bits.same(run, whole);
        return "stacks of "
                + stacks.lines().filter(line -> line.startsWith("\"")).count() + " threads; ended";
    }

    private static String crashLoop(Path directory) throws Exception {
        Path recipe = Recipes.fineTuning(directory, 60);
        HoneRun run = HoneRun.of(recipe, "crashing");
        // Before the first checkpoint, then before the next.
        HoneRun.kill(held(run, run.train(HELD_STEP)));
        for (int crash = 0; crash < 5; crash++) {
            HoneRun.kill(held(run, run.resume(List.of("-Dhone.failpoint=step:1"))));
        }
        run.ends(run.resume(), 2);
        assertThat(run.said())
                .containsPattern("was started 5 times in a row from step [24] ")
                .contains("--retry");
        run.ends(run.resume("--retry"), 0);
        Bits.same(run, HoneRun.undisturbed(recipe));
        return "refused the sixth start from there; --retry finished it";
    }

    private static Process held(HoneRun run, Process process) throws Exception {
        Files.writeString(run.log(), "");
        run.awaitSaid(process, "failpoint");
        return process;
    }

    static Path newest(HoneRun run) {
        return new CheckpointStore(run.directory().resolve("checkpoints"), Retention.last(1))
                .latest()
                .orElseThrow();
    }
}
