package dev.hone.trainer.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.checkpoints.CheckpointStore;
import dev.hone.trainer.cli.Recipes;
import dev.hone.trainer.run.ExitCode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** What can befall one of several processes that train together. */
final class ProcessFaults {

    private static final String[] TWO = {"--processes", "2"};

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
        HoneRun whole = whole(directory);
        HoneRun run = HoneRun.of(whole.recipe(), "lost");
        Process leader = train(run);
        run.awaitSteps(leader, 11);
        ProcessHandle worker = worker(leader);
        long begin = System.nanoTime();
        worker.destroyForcibly();
        run.ends(leader, ExitCode.PROCESS_LOST);
        double seconds = (System.nanoTime() - begin) / 1e9;
        assertThat(run.said())
                .containsPattern("hone: At step \\d+ rank 1 was lost \\(.*\\); the last checkpoint, step-0000\\d+, is"
                        + " intact: go on with `hone resume ");
        assertThat(run.events("process_lost")).hasSize(1);
        run.ends(run.resume(TWO), 0);
        Bits.same(run, whole);
        return String.format(Locale.ROOT, "ended %.2f s after the other", seconds);
    }

    private static String lostLeader(Path directory) throws Exception {
        HoneRun whole = whole(directory);
        HoneRun run = HoneRun.of(whole.recipe(), "lost");
        Process leader = train(run);
        run.awaitSteps(leader, 11);
        ProcessHandle worker = worker(leader);
        HoneRun.kill(leader);
        worker.onExit().get(1, TimeUnit.MINUTES);
        assertThat(run.said()).contains("hone: Rank 1 ends because rank 0 was lost");
        run.ends(run.resume(TWO), 0);
        Bits.same(run, whole);
        return "both ended";
    }

    private static String lostBoth(Path directory) throws Exception {
        Path recipe = Recipes.preferringAndReinforcing(directory);
        HoneRun alone = HoneRun.undisturbed(recipe);
        HoneRun whole = HoneRun.of(recipe, "two");
        whole.ends(train(whole), 0);
        HoneRun run = HoneRun.of(recipe, "lost");
        for (int steps : new int[] {4, 8}) {
            Process leader = steps == 4 ? train(run) : run.resume(TWO);
            run.awaitSteps(leader, steps);
            ProcessHandle worker = worker(leader);
            worker.destroyForcibly();
            HoneRun.kill(leader);
        }
        run.ends(run.resume(TWO), 0);
        Bits.same(run, whole);
        double difference = 0;
        for (String kind : List.of("train", "dpo", "rl")) {
            List<JsonNode> steps = whole.events(kind);
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
        Path recipe = Recipes.evaluating(directory);
        HoneRun whole = HoneRun.of(recipe, "two");
        whole.ends(train(whole), 0);
        HoneRun run = HoneRun.of(recipe, "stopped");
        Process leader = train(run);
        run.awaitSteps(leader, 4);
        ProcessHandle worker = worker(leader);
        Thread.sleep(300);
        long begin = System.nanoTime();
        HoneRun.signal(leader, "TERM");
        run.ends(leader, 143);
        double seconds = (System.nanoTime() - begin) / 1e9;
        worker.onExit().get(1, TimeUnit.MINUTES);
        assertThat(seconds).isLessThan(10);
        assertThat(run.said()).doesNotContain("was lost");
        run.ends(run.resume(TWO), 0);
        Bits.same(run, whole);
        return String.format(Locale.ROOT, "ended after %.2f s", seconds);
    }

    private static String signalled(Path directory) throws Exception {
        HoneRun whole = whole(directory);
        HoneRun run = HoneRun.of(whole.recipe(), "stopped");
        Process leader = train(run);
        run.awaitSteps(leader, 21);
        ProcessHandle worker = worker(leader);
        HoneRun.signal(leader, "TERM");
        run.ends(leader, 143);
        worker.onExit().get(1, TimeUnit.MINUTES);
        long steps = run.steps();
        assertThat(CheckpointStore.step(SignalFaults.newest(run))).isEqualTo(steps);

        Process alone = run.resume();
        run.awaitSteps(alone, (int) steps + 11);
        HoneRun.signal(alone, "TERM");
        run.ends(alone, 143);
        run.ends(run.resume(TWO), 0);

        assertThat(run.events("world_size_changed").stream()
                        .map(event -> event.path("from").asInt() + " to "
                                + event.path("to").asInt()))
                .containsExactly("2 to 1", "1 to 2");
        double difference = Math.abs(lastLoss(run) - lastLoss(whole));
        assertThat(difference).isLessThan(1e-3);
        return String.format(Locale.ROOT, "saved step %d; the last losses differ by %.1e", steps, difference);
    }

    static Process train(HoneRun run) throws Exception {
        return run.start(
                List.of(),
                Map.of(),
                "train",
                run.recipe().toString(),
                "--output-dir",
                run.directory().toString(),
                "--processes",
                "2");
    }

    /** A recipe run to its end undisturbed by two processes. */
    private static HoneRun whole(Path directory) throws Exception {
        HoneRun run = HoneRun.of(Recipes.fineTuning(directory, 60), "undisturbed");
        run.ends(train(run), 0);
        return run;
    }

    private static ProcessHandle worker(Process leader) {
        return leader.children().findFirst().orElseThrow();
    }

    static double lastLoss(HoneRun run) throws Exception {
        List<JsonNode> steps = run.events("train");
        return steps.get(steps.size() - 1).path("loss").asDouble();
    }
}
