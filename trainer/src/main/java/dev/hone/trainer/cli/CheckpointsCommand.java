package dev.hone.trainer.cli;

import dev.hone.checkpoints.CheckpointException;
import dev.hone.checkpoints.CheckpointStore;
import dev.hone.checkpoints.ObjectStorage;
import dev.hone.checkpoints.RemoteCheckpoints;
import dev.hone.checkpoints.Retention;
import dev.hone.datasets.UserError;
import dev.hone.trainer.run.RunDirectory;
import dev.hone.trainer.run.RunStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "checkpoints",
        description = "Lists the checkpoints of a run and verifies each: every file against its SHA-256.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone checkpoints runs/quickstart",
            "  hone checkpoints runs/quickstart --json",
            "  hone checkpoints s3://bucket/runs/first",
            "",
            "Exit codes: 0 all are sound, 2 at least one is damaged."
        })
final class CheckpointsCommand implements Callable<Integer> {

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    /**
     * @param saved when its name appeared
     * @param fault what is wrong with it; null where it is sound
     */
    private record Listed(
            long step,
            Path directory,
            String saved,
            @Nullable Long bytes,
            Map<String, Double> metrics,
            boolean best,
            boolean sound,
            @Nullable String fault) {}

    @Parameters(
            paramLabel = "RUN",
            description = "A run's directory, or where its recipe stores it, as s3://bucket/run.")
    private String run = "";

    @Mixin
    private final JsonOption json = new JsonOption();

    @Override
    public Integer call() {
        if (ObjectStorage.isAddress(run)) {
            return stored();
        }
        CheckpointStore store =
                new CheckpointStore(RunDirectory.existing(Path.of(run)).checkpoints(), Retention.last(1));
        List<Listed> all = new ArrayList<>();
        for (Path checkpoint : store.list()) {
            all.add(listed(store, checkpoint));
        }
        if (json.on) {
            System.out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(all));
        } else if (all.isEmpty()) {
            System.out.println(run + " has no checkpoint yet");
        } else {
            System.out.printf(Locale.ROOT, "%10s  %-20s  %12s  %-8s  %s%n", "step", "saved", "MiB", "state", "");
            all.forEach(CheckpointsCommand::print);
        }
        return all.stream().allMatch(Listed::sound) ? 0 : Hone.USER_ERROR;
    }

    /** In storage: whole or not, since sums are checked where a checkpoint is fetched. */
    private int stored() {
        List<RemoteCheckpoints.Remote> all = RunStorage.list(run);
        if (json.on) {
            System.out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(all));
        } else if (all.isEmpty()) {
            System.out.println(run + " has no checkpoint yet");
        } else {
            System.out.printf(Locale.ROOT, "%10s  %12s  %-10s  %s%n", "step", "MiB", "state", "name");
            all.forEach(remote -> System.out.printf(
                    Locale.ROOT,
                    "%10d  %,12.1f  %-10s  %s%n",
                    remote.step(),
                    remote.bytes() / 1048576.0,
                    remote.complete() ? "complete" : "incomplete",
                    remote.name()));
        }
        return 0;
    }

    private static Listed listed(CheckpointStore store, Path checkpoint) {
        @Nullable String fault = null;
        @Nullable Long bytes = null;
        Map<String, Double> metrics = Map.of();
        try {
            bytes = CheckpointStore.bytes(checkpoint);
            metrics = new TreeMap<>(CheckpointStore.metrics(checkpoint));
            store.verify(checkpoint);
        } catch (CheckpointException e) {
            fault = e.getMessage();
        }
        return new Listed(
                CheckpointStore.step(checkpoint),
                checkpoint,
                saved(checkpoint),
                bytes,
                metrics,
                store.best().filter(checkpoint::equals).isPresent(),
                fault == null,
                fault);
    }

    private static String saved(Path checkpoint) {
        try {
            return Files.getLastModifiedTime(checkpoint)
                    .toInstant()
                    .truncatedTo(ChronoUnit.SECONDS)
                    .toString();
        } catch (IOException e) {
            throw new UserError("Cannot read " + checkpoint + " (" + e.getMessage() + "); check its permissions", e);
        }
    }

    private static void print(Listed listed) {
        String more = listed.metrics().entrySet().stream()
                .map(metric -> String.format(Locale.ROOT, "%s %.4g", metric.getKey(), metric.getValue()))
                .collect(Collectors.joining(", "));
        System.out.printf(
                Locale.ROOT,
                "%10d  %-20s  %12s  %-8s  %s%n",
                listed.step(),
                listed.saved(),
                listed.bytes() == null ? "?" : String.format(Locale.ROOT, "%,.1f", listed.bytes() / 1048576.0),
                listed.sound() ? "sound" : "damaged",
                listed.fault() != null ? listed.fault() : listed.best() ? (more + "  best").strip() : more);
    }
}
