package dev.hone.trainer.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.checkpoints.CheckpointStore;
import dev.hone.checkpoints.RemoteCheckpoints;
import dev.hone.checkpoints.Retention;
import dev.hone.checkpoints.S3Storage;
import dev.hone.trainer.cli.Recipes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
                        "training goes on and warns; the run says at its end that its copy is not whole; resumed, it stores it",
                        StorageFaults::down),
                new Fault(
                        "storage-damaged",
                        "a checkpoint changed in storage is passed over; large files go in parts; retention holds there",
                        StorageFaults::damaged));
    }

    private static String damaged(Path directory) throws Exception {
        try (MotoServer server = MotoServer.start(directory.resolve("moto.log"))) {
            server.properties();
            Retention retention = new Retention(2, 0, new Retention.Best("eval_loss", false));
            CheckpointStore here = new CheckpointStore(directory.resolve("here"), retention);
            try (S3Storage storage = S3Storage.open("s3://bucket/parts", 5L << 20)) {
                RemoteCheckpoints remote = new RemoteCheckpoints(storage, retention);
                double[] losses = {4, 1, 3, 2};
                for (int step = 1; step <= losses.length; step++) {
                    byte[] weights = new byte[12 << 20];
                    new Random(step).nextBytes(weights);
                    remote.store(here.save(step, Map.of("eval_loss", losses[step - 1]), to -> {
                        Files.createDirectories(to.resolve("model"));
                        Files.write(to.resolve("model/weights"), weights);
                    }));
                }
                assertThat(remote.list())
                        .extracting(RemoteCheckpoints.Remote::step)
                        .containsExactly(2L, 3L, 4L);
                String newest = remote.list().get(2).name();
                storage.put(
                        "checkpoints/" + newest + "/model/weights",
                        Files.write(directory.resolve("other"), new byte[9]));

                CheckpointStore there = new CheckpointStore(directory.resolve("there"), retention);
                List<String> passedOver = new ArrayList<>();
                Path fetched = remote.fetch(null, there, passedOver::add).orElseThrow();
                assertThat(CheckpointStore.step(fetched)).isEqualTo(3);
                assertThat(passedOver)
                        .singleElement()
                        .asString()
                        .contains("model/weights has 9 bytes, 12582912 expected");
                assertThat(fetched.resolve("model/weights"))
                        .hasSameBinaryContentAs(directory.resolve("here/step-000003/model/weights"));
                assertThat(CheckpointStore.identity(fetched))
                        .isEqualTo(remote.list().get(1).name());
                return passedOver.get(0).replace(directory + "/", "");
            }
        }
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
        try (MotoServer server = MotoServer.start(directory.resolve("moto-again.log"))) {
            for (int time = 0; time < 2; time++) {
                run.ends(
                        run.start(
                                List.of(),
                                server.environment(),
                                "resume",
                                run.directory().toString()),
                        0);
                assertThat(run.said()).containsOnlyOnce("stored in s3://bucket/runs/first");
            }
            assertThat(states(run, server.environment())).containsExactly("true");
        }
        return "all 40 steps done, " + run.events("storage_failed").size() + " warnings";
    }
}
