package dev.hone.trainer.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.trainer.cli.Recipes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Object storage, and machines that go with their disks; needs {@link MotoServer}. */
final class StorageFaults {

    private StorageFaults() {}

    static List<Fault> all() {
        return List.of(
                new Fault(
                        "machine-lost",
                        "another machine goes on from object storage with the same bits",
                        StorageFaults::machineLost),
                new Fault(
                        "storage-down",
                        "training goes on and warns; the run says at its end that its copy is not whole",
                        StorageFaults::down));
    }

    private static Path recipe(Path directory, int steps) throws Exception {
        Path recipe = Recipes.fineTuning(directory, steps);
        Files.writeString(
                recipe,
                Files.readString(recipe)
                        .replace("save_total_limit: 2", "save_total_limit: 2, storage: \"s3://bucket/runs/first\""));
        return recipe;
    }

    private static String machineLost(Path directory) throws Exception {
        Path plain = Recipes.fineTuning(Files.createDirectories(directory.resolve("plain")), 30);
        HoneRun whole = HoneRun.undisturbed(plain);
        try (MotoServer server = MotoServer.start(directory.resolve("moto.log"))) {
            Map<String, String> environment = server.environment();
            HoneRun lost = HoneRun.of(recipe(directory, 30), "lost");
            // All but the manifest of a checkpoint is stored when the machine goes.
            Process process = lost.train(List.of("-Dhone.failpoint=storage.files:6"), environment);
            lost.awaitSaid(process, "failpoint");
            HoneRun.kill(process);
            Faults.delete(lost.directory());

            HoneRun found = HoneRun.of(lost.recipe(), "found");
            List<String> states = states(found, environment);
            assertThat(states).contains("false").filteredOn("true"::equals).hasSize(2);
            found.ends(
                    found.start(
                            List.of(),
                            environment,
                            "resume",
                            "s3://bucket/runs/first",
                            "--output-dir",
                            found.directory().toString()),
                    0);
            Bits.same(found, whole);
            assertThat(states(found, environment)).filteredOn("true"::equals).hasSize(2);
            return "of " + states.size() + " checkpoints there one was half stored; went on from the one before";
        }
    }

    /** Whether each checkpoint there is complete. */
    private static List<String> states(HoneRun run, Map<String, String> environment) throws Exception {
        Path list = run.recipe().resolveSibling("list.json");
        HoneRun listing = new HoneRun(run.recipe(), run.directory(), list);
        Files.deleteIfExists(list);
        listing.ends(listing.start(List.of(), environment, "checkpoints", "s3://bucket/runs/first", "--json"), 0);
        JsonNode all = JsonMapper.shared().readTree(Files.readString(list));
        return all.valueStream().map(each -> each.path("complete").asString()).toList();
    }

    private static String down(Path directory) throws Exception {
        HoneRun run = HoneRun.of(recipe(directory, 40), "cut-off");
        Process process;
        try (MotoServer server = MotoServer.start(directory.resolve("moto.log"))) {
            process = run.train(List.of(), server.environment());
            run.awaitSteps(process, 5);
        }
        run.ends(process, 2);
        assertThat(run.steps()).isEqualTo(40);
        assertThat(run.events("storage_failed")).isNotEmpty();
        assertThat(run.said()).contains("is saved here but not in storage").contains("hone: Cannot use s3://bucket");
        assertThat(run.directory().resolve("summary.json")).exists();
        return "all 40 steps done, " + run.events("storage_failed").size() + " warnings";
    }
}
