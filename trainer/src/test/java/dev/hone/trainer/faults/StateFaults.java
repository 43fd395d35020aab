package dev.hone.trainer.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import dev.hone.checkpoints.CheckpointStore;
import dev.hone.trainer.cli.HoneProcess;
import dev.hone.trainer.cli.Recipes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Damage, changes, clocks, and two who want the same. */
final class StateFaults {

    private static final Path FAKETIME = Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1");

    private StateFaults() {}

    static List<Fault> all() {
        return List.of(
                new Fault(
                        "corrupt-checkpoint",
                        "goes on from the one before, says so, ends with the same bits",
                        StateFaults::corruptCheckpoint),
                new Fault(
                        "corrupt-shard",
                        "one sentence that names the file of data, exit code 2",
                        StateFaults::corruptShard),
                new Fault(
                        "two-processes",
                        "the second is refused and names the first, which is not disturbed",
                        StateFaults::twoProcesses),
                new Fault("clock-jumps", "a clock set back and forth by days changes nothing", StateFaults::clockJumps),
                new Fault("device-change", "goes on on another device and says so", StateFaults::deviceChange),
                new Fault(
                        "resume-from",
                        "goes on from an earlier step with a changed recipe; sets the later ones aside, records it",
                        StateFaults::resumeFrom));
    }

    private static HoneRun killedAt(Path recipe, int step) throws Exception {
        HoneRun run = HoneRun.of(recipe, "disturbed");
        Process process = run.train();
        run.awaitSteps(process, step);
        HoneRun.kill(process);
        return run;
    }

    private static String corruptCheckpoint(Path directory) throws Exception {
        Path recipe = Recipes.fineTuning(directory, 60);
        HoneRun run = killedAt(recipe, 20);
        Path newest = SignalFaults.newest(run);
        flip(newest.resolve("model/model.safetensors"));
        run.ends(run.resume(), 0);
        assertThat(run.said())
                .contains("passed over: Checkpoint " + newest + " is damaged: model/model.safetensors does not have the"
                        + " SHA-256");
        assertThat(run.events("checkpoint_damaged")).hasSize(1);
        Bits.same(run, HoneRun.undisturbed(recipe));
        return "passed over " + newest.getFileName();
    }

    private static String corruptShard(Path directory) throws Exception {
        Path recipe = Recipes.fineTuning(directory, 60);
        Path shard = directory.resolve("pairs.jsonl.gz");
        // Cut off in its middle, as a download that broke.
        Path whole = directory.resolve("pairs.jsonl");
        StringBuilder pairs = new StringBuilder();
        for (int i = 0; i < 400; i++) {
            pairs.append("{\"id\":\"")
                    .append(i)
                    .append("\",\"domain\":\"math\",\"prompt\":\"")
                    .append(i * 7919 % 1000)
                    .append("+1=\",\"response\":\"")
                    .append(i * 7919 % 1000 + 1)
                    .append("\",\"answer\":\"")
                    .append(i * 7919 % 1000 + 1)
                    .append("\",\"verifier\":\"math\"}\n");
        }
        Files.writeString(whole, pairs);
        new ProcessBuilder("gzip", "-k", whole.toString()).start().waitFor();
        byte[] packed = Files.readAllBytes(shard);
        Files.write(shard, Arrays.copyOf(packed, packed.length / 2));
        Files.writeString(
                recipe,
                Files.readString(recipe)
                        .replace("- {generator: arithmetic, levels: [1], count: 40}", "- {file: pairs.jsonl.gz}"));
        HoneRun run = HoneRun.of(recipe, "refused");
        run.ends(run.train(), 2);
        String sentence = run.said()
                .lines()
                .filter(line -> line.startsWith("hone: "))
                .findFirst()
                .orElse("");
        assertThat(sentence).contains("pairs.jsonl.gz").doesNotContain("Exception");
        return sentence.replace(directory + "/", "");
    }

    private static String twoProcesses(Path directory) throws Exception {
        Path recipe = Recipes.fineTuning(directory, 200);
        HoneRun run = HoneRun.of(recipe, "shared");
        Process first = run.train();
        run.awaitSteps(first, 5);
        Path log = directory.resolve("second.log");
        int code = HoneProcess.run(log, "resume", run.directory().toString());
        assertThat(code).isEqualTo(2);
        assertThat(Files.readString(log)).contains("is in use by process " + first.pid());
        run.ends(first, 0);
        Bits.same(run, HoneRun.undisturbed(recipe));
        return "refused, naming process " + first.pid();
    }

    private static String clockJumps(Path directory) throws Exception {
        assertThat(FAKETIME).as("Debian's package faketime").exists();
        Path recipe = Recipes.fineTuning(directory, 120);
        HoneRun run = HoneRun.of(recipe, "jumping");
        Path clock = Files.writeString(directory.resolve("clock"), "+0d\n");
        Process process = run.train(
                List.of(),
                Map.of(
                        "LD_PRELOAD",
                        FAKETIME.toString(),
                        "FAKETIME_TIMESTAMP_FILE",
                        clock.toString(),
                        "FAKETIME_NO_CACHE",
                        "1",
                        "DONT_FAKE_MONOTONIC",
                        "1"));
        String[] jumps = {"-40d", "+40d", "-3h", "+1000d", "-2000d"};
        int jumped = 0;
        while (process.isAlive() && jumped < jumps.length) {
            run.awaitSteps(process, 20 * (jumped + 1));
            Files.writeString(clock, jumps[jumped++] + "\n");
        }
        run.ends(process, 0);
        long years = run.events("train").stream()
                .map(event -> event.path("time").asString().substring(0, 4))
                .distinct()
                .count();
        assertThat(years).as("the clock did jump").isGreaterThan(1);
        Bits.same(run, HoneRun.undisturbed(recipe));
        return jumped + " jumps over " + years + " years";
    }

    private static String deviceChange(Path directory) throws Exception {
        Path recipe = Recipes.fineTuning(directory, 30);
        HoneRun run = HoneRun.of(recipe, "moved");
        Process process = run.train(List.of(), Map.of(), "--device", "cpu");
        run.awaitSteps(process, 12);
        HoneRun.kill(process);
        run.ends(run.resume("--device", "nd4j"), 0);
        assertThat(run.said()).contains("the device changed from cpu to nd4j");
        assertThat(run.events("device_changed")).hasSize(1);
        double cpu = last(HoneRun.undisturbed(recipe), "eval_loss");
        double moved = last(run, "eval_loss");
        assertThat(moved).isCloseTo(cpu, offset(1e-3));
        return "held-out loss " + moved + ", " + cpu + " without the change";
    }

    private static double last(HoneRun run, String event) throws IOException {
        return run.events(event).stream()
                .reduce((first, second) -> second)
                .orElseThrow()
                .path("loss")
                .asDouble();
    }

    private static String resumeFrom(Path directory) throws Exception {
        Path recipe = Recipes.fineTuning(directory, 30);
        HoneRun run = HoneRun.of(recipe, "branched");
        run.ends(run.train(), 0);
        Path earlier;
        try (Stream<Path> all = Files.list(run.directory().resolve("checkpoints"))) {
            earlier = all.filter(path -> path.getFileName().toString().startsWith("step-"))
                    .min(Path::compareTo)
                    .orElseThrow();
        }
        long from = CheckpointStore.step(earlier);
        assertThat(from).isLessThan(30);
        run.ends(run.resume("--from", Long.toString(from), "--set", "sft.max_steps=34"), 0);
        assertThat(CheckpointStore.step(SignalFaults.newest(run))).isEqualTo(34);
        assertThat(run.directory().resolve("checkpoints/set-aside/step-000030/manifest.json"))
                .exists();
        assertThat(Files.readString(run.directory().resolve("recipe.yaml"))).contains("max_steps: 34");
        assertThat(Files.readString(run.directory().resolve("starts.jsonl"))).contains("sft.max_steps=34");
        assertThat(run.events("recipe_changed")).hasSize(1);
        run.ends(run.resume("--from", "1"), 2);
        assertThat(run.said()).contains("There is no checkpoint of step 1 in");
        run.ends(run.resume("--from", "34", "--set", "sft.learning_rat=1"), 2);
        assertThat(run.said())
                .contains(
                        "--set sft.learning_rat=1: unknown key sft.learning_rat; did you mean" + " \"learning_rate\"?");
        run.ends(run.resume("--from", "34", "--set", "model.path=x"), 2);
        return "went on from step " + from + " to 34";
    }

    private static void flip(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }
}
