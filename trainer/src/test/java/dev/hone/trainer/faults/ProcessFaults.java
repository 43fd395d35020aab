package dev.hone.trainer.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.checkpoints.CheckpointStore;
import dev.hone.trainer.cli.HoneProcess;
import dev.hone.trainer.cli.Recipes;
import dev.hone.trainer.run.ExitCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** What can befall one of several processes that train together. */
final class ProcessFaults {

    private static final String[] PROCESSES = {"--processes", "2"};

    private ProcessFaults() {}

    static List<Fault> all() {
        return List.of(
                new Fault(
                        "lost-worker",
                        "the other stops, exits with 5 and says what to do; goes on with the same bits",
                        ProcessFaults::lostWorker),
                new Fault(
                        "lost-leader",
                        "the other ends by itself; goes on with the same bits",
                        ProcessFaults::lostLeader),
                new Fault(
                        "lost-processes",
                        "in preferences and reinforcement too, both go on with the same bits, and learn as one does",
                        ProcessFaults::lostBoth),
                new Fault(
                        "sigterm-to-generating-processes",
                        "both end within 10 s in the middle of an evaluation; go on with the same bits",
                        ProcessFaults::signalledInEvaluation),
                new Fault(
                        "sigterm-to-processes",
                        "both end after one save, exit 143; goes on by one, then by two, with losses as close",
                        ProcessFaults::signalled));
    }

    private static String lostWorker(Path directory) throws Exception {
        HoneRun run = HoneRun.of(Recipes.fineTuning(directory, 60), "lost");
        Two two = Two.at(run, train(run), 11);
        long begin = System.nanoTime();
        two.worker.destroyForcibly();
        run.ends(two.leader, ExitCode.PROCESS_LOST);
        double seconds = (System.nanoTime() - begin) / 1e9;
        assertThat(run.said())
                .containsPattern("hone: At step \\d+ rank 1 was lost \\(.*\\); the last checkpoint, step-0000\\d+, is"
                        + " intact: go on with `hone resume ");
        assertThat(run.events("process_lost")).hasSize(1);
        goesOn(run);
        return String.format(Locale.ROOT, "ended %.2f s after the other", seconds);
    }

    private static String lostLeader(Path directory) throws Exception {
        HoneRun run = HoneRun.of(Recipes.fineTuning(directory, 60), "lost");
        Two two = Two.at(run, train(run), 11);
        HoneRun.kill(two.leader);
        two.awaitWorker();
        assertThat(run.said()).contains("hone: Rank 1 ends because rank 0 was lost");
        goesOn(run);
        return "both ended";
    }

    private static String lostBoth(Path directory) throws Exception {
        HoneRun run = HoneRun.of(Recipes.preferringAndReinforcing(directory), "lost");
        for (int steps : new int[] {4, 8}) {
            Two two = Two.at(run, steps == 4 ? train(run) : run.resume(PROCESSES), steps);
            two.worker.destroyForcibly();
            HoneRun.kill(two.leader);
        }
        goesOn(run);
        HoneRun alone = HoneRun.undisturbed(run.recipe());
        double difference = 0;
        for (String kind : List.of("train", "dpo", "rl")) {
            List<JsonNode> steps = run.events(kind);
            List<JsonNode> expected = alone.events(kind);
            assertThat(steps).hasSameSizeAs(expected).isNotEmpty();
            for (int i = 0; i < steps.size(); i++) {
                difference = Math.max(
                        difference,
                        Math.abs(steps.get(i).path("loss").asDouble()
                                - expected.get(i).path("loss").asDouble()));
            }
        }
        assertThat(difference).isLessThan(1e-3);
        return String.format(Locale.ROOT, "losses of two processes and of one differ by %.1e at most", difference);
    }

    private static String signalledInEvaluation(Path directory) throws Exception {
        HoneRun run = HoneRun.of(Recipes.evaluating(directory), "stopped");
        Two two = Two.at(run, train(run), 4);
        Thread.sleep(300);
        long begin = System.nanoTime();
        HoneProcess.signal(two.leader, "TERM");
        run.ends(two.leader, 143);
        double seconds = (System.nanoTime() - begin) / 1e9;
        two.awaitWorker();
        assertThat(seconds).isLessThan(10);
        assertThat(run.said()).doesNotContain("was lost");
        goesOn(run);
        return String.format(Locale.ROOT, "ended after %.2f s", seconds);
    }

    private static String signalled(Path directory) throws Exception {
        HoneRun whole = whole(Recipes.fineTuning(directory, 60));
        HoneRun run = HoneRun.of(whole.recipe(), "stopped");
        Two two = Two.at(run, train(run), 21);
        HoneProcess.signal(two.leader, "TERM");
        run.ends(two.leader, 143);
        two.awaitWorker();
        long steps = run.steps();
        assertThat(CheckpointStore.step(SignalFaults.newest(run))).isEqualTo(steps);

        Process alone = run.resume();
        run.awaitSteps(alone, (int) steps + 11);
        HoneProcess.signal(alone, "TERM");
        run.ends(alone, 143);
        run.ends(run.resume(PROCESSES), 0);

        assertThat(run.events("world_size_changed").stream()
                        .map(event -> event.path("from").asInt() + " to "
                                + event.path("to").asInt()))
                .containsExactly("2 to 1", "1 to 2");
        double difference = Math.abs(lastLoss(run) - lastLoss(whole));
        assertThat(difference).isLessThan(1e-3);
        return String.format(Locale.ROOT, "saved step %d; the last losses differ by %.1e", steps, difference);
    }

    private static Process train(HoneRun run) throws IOException {
        return run.train(List.of(), Map.of(), PROCESSES);
    }

    /** A recipe run to its end undisturbed by two processes. */
    private static HoneRun whole(Path recipe) throws Exception {
        HoneRun run = HoneRun.of(recipe, "undisturbed-two");
        run.ends(train(run), 0);
        return run;
    }

    /** By two processes, to the bits of a run undisturbed. */
    private static void goesOn(HoneRun run) throws Exception {
        run.ends(run.resume(PROCESSES), 0);
        Bits.same(run, whole(run.recipe()));
    }

    private static double lastLoss(HoneRun run) throws IOException {
        List<JsonNode> steps = run.events("train");
        return steps.get(steps.size() - 1).path("loss").asDouble();
    }

    /** The processes of a run under way. */
    private record Two(Process leader, ProcessHandle worker) {

        /** Once so many steps are done. */
        static Two at(HoneRun run, Process leader, int steps) throws Exception {
            run.awaitSteps(leader, steps);
            return new Two(leader, leader.children().findFirst().orElseThrow());
        }

        /** Waits for the worker's end. */
        void awaitWorker() throws Exception {
            worker.onExit().get(1, TimeUnit.MINUTES);
        }
    }
}
