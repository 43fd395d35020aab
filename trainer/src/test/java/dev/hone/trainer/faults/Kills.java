package dev.hone.trainer.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.checkpoints.CheckpointStore;
import dev.hone.checkpoints.Retention;
import dev.hone.trainer.cli.Recipes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Runs that are killed (SIGKILL) once, then resumed to their end and compared with one never killed, bit by bit: at random
 * instants, and at each step of a save.
 */
final class Kills {

    /** The steps of a save, in their order; see CheckpointStore. */
    static final List<String> POINTS = List.of(
            "save.copied",
            "save.begun",
            "save.written",
            "save.sealed",
            "save.aside",
            "save.renamed",
            "save.published",
            "prune.moved",
            "save.pruned");

    /** What a run consists of, so that every kind of stage is killed. */
    enum Kind {
        FINE_TUNING,
        PREFERENCES_AND_REINFORCEMENT,
        CURATION_AND_DOMAINS;

        Path recipe(Path directory) throws IOException {
            return switch (this) {
                case FINE_TUNING -> Recipes.fineTuning(directory, 60);
                case PREFERENCES_AND_REINFORCEMENT -> Recipes.preferringAndReinforcing(directory);
                case CURATION_AND_DOMAINS -> Recipes.method(directory, "");
            };
        }
    }

    /**
     * One kill and what came of it.
     *
     * @param point where it was placed; null for a random instant
     * @param seconds from the process's start to the kill
     * @param steps optimizer steps done by then
     * @param fault what went wrong; null where the resumed run ended with the same bits
     */
    record Result(
            int number,
            Kind kind,
            @Nullable String point,
            double seconds,
            long steps,
            int checkpoints,
            int damaged,
            boolean lost,
            @Nullable String fault) {}

    /**
     * A run never killed.
     *
     * @param seconds from its first event to its last: in these others are killed
     */
    record Whole(HoneRun run, double seconds) {}

    private Kills() {}

    static Whole whole(Kind kind, Path directory) throws Exception {
        Path recipe = kind.recipe(Files.createDirectories(directory));
        HoneRun run = HoneRun.of(recipe, "whole");
        run.ends(run.train(), 0);
        List<JsonNode> events = run.events();
        Duration length = Duration.between(time(events.get(0)), time(events.get(events.size() - 1)));
        return new Whole(run, length.toMillis() / 1000.0);
    }

    private static Instant time(JsonNode event) {
        return Instant.parse(event.path("time").asString());
    }

    /**
     * Starts a run, kills it, and resumes it to its end.
     *
     * @return null where it ended before it could be killed: then it is no trial
     */
    static @Nullable Result kill(int number, Kind kind, @Nullable String point, Whole whole, Random random)
            throws Exception {
        HoneRun run = HoneRun.of(whole.run().recipe(), "killed-" + number);
        List<String> jvm = point == null
                ? List.of()
                : List.of("-Dhone.failpoint=" + point + ":" + (1 + random.nextInt(point.equals("save.aside") ? 2 : 5)));
        long begin = System.nanoTime();
        Process process = run.train(jvm.toArray(String[]::new));
        if (point == null) {
            while (process.isAlive() && run.events().isEmpty()) {
                Thread.sleep(2);
            }
            Thread.sleep(Math.round(random.nextDouble() * whole.seconds() * 1000));
        } else {
            run.awaitSaid(process, "failpoint");
        }
        if (!process.isAlive()) {
            delete(run);
            return null;
        }
        CheckpointStore store = new CheckpointStore(run.directory().resolve("checkpoints"), Retention.last(1));
        long known = newest(store);
        HoneRun.kill(process);
        double seconds = (System.nanoTime() - begin) / 1e9;
        long steps = run.steps();
        store.recover();
        int damaged = 0;
        List<Path> there = store.list();
        for (Path checkpoint : there) {
            try {
                store.verify(checkpoint);
            } catch (RuntimeException e) {
                damaged++;
            }
        }
        boolean lost = newest(store) < known;
        @Nullable String fault = null;
        try {
            boolean begun = Files.exists(run.directory().resolve("recipe.yaml"));
            run.ends(begun ? run.resume() : run.train(), 0);
            Bits.same(run, whole.run());
        } catch (AssertionError e) {
            fault = String.valueOf(e.getMessage());
        }
        if (fault == null && damaged == 0 && !lost) {
            delete(run);
        }
        return new Result(number, kind, point, seconds, steps, there.size(), damaged, lost, fault);
    }

    /** The newest step by name, whole or not; one that stepped aside to be replaced counts. */
    private static long newest(CheckpointStore store) {
        List<Path> all = store.list();
        return all.isEmpty() ? -1 : CheckpointStore.step(all.get(all.size() - 1));
    }

    private static void delete(HoneRun run) throws IOException {
        List<Path> parts = new ArrayList<>(List.of(run.log()));
        if (Files.exists(run.directory())) {
            try (var tree = Files.walk(run.directory())) {
                tree.sorted((first, second) -> second.compareTo(first)).forEach(parts::add);
            }
        }
        for (Path part : parts) {
            Files.deleteIfExists(part);
        }
    }

    /** Demands of a trial what every one must show. */
    static void check(Result result) {
        assertThat(result.fault()).isNull();
        assertThat(result.damaged()).isZero();
        assertThat(result.lost()).isFalse();
    }
}
