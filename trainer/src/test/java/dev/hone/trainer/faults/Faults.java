package dev.hone.trainer.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/** Does to real runs what can go wrong: {@code benchmarks/faults/run}. */
@Command(
        name = "faults",
        description = "Does to real runs what can go wrong, by name; all of it when none is named.",
        mixinStandardHelpOptions = true,
        subcommands = {Faults.KillSeries.class, Faults.SoakRun.class, Faults.CheckpointWaits.class},
        footerHeading = "%nExamples:%n",
        footer = {
            "  benchmarks/faults/run                     every fault",
            "  benchmarks/faults/run disk-full sigterm   these",
            "  benchmarks/faults/run kills 200           a series of SIGKILLs",
            "  benchmarks/faults/run soak 28800          a long run, watched",
            "  benchmarks/faults/run waits 6             how long training waits for checkpoints"
        })
final class Faults implements Callable<Integer> {

    private static final JsonMapper JSON = JsonMapper.shared();

    @Parameters(arity = "0..*", paramLabel = "NAME", description = "Faults, by their names.")
    private List<String> names = List.of();

    @Option(names = "--list", description = "Name them and stop.")
    private boolean list;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Faults()).execute(arguments));
    }

    static List<Fault> all() {
        return Stream.of(
                        SignalFaults.all(),
                        ProcessFaults.all(),
                        DiskFaults.all(),
                        StateFaults.all(),
                        EvaluationFaults.all(),
                        ServiceFaults.all(),
                        StorageFaults.all(),
                        saves())
                .flatMap(List::stream)
                .toList();
    }

    /** A kill at each step of a save. */
    private static List<Fault> saves() {
        return Kills.POINTS.stream()
                .map(point -> new Fault(
                        "kill-at-" + point, "nothing is lost or damaged; goes on with the same bits", directory -> {
                            Kills.Whole whole = Kills.whole(Kills.Kind.FINE_TUNING, directory);
                            Kills.@Nullable Result result =
                                    Kills.kill(1, Kills.Kind.FINE_TUNING, point, whole, new Random(1));
                            if (result == null) {
                                throw new AssertionError("The run never came to " + point);
                            }
                            Kills.check(result);
                            return "killed after " + result.steps() + " steps";
                        }))
                .toList();
    }

    @Override
    public Integer call() throws IOException {
        List<Fault> chosen = all().stream()
                .filter(fault -> names.isEmpty() || names.contains(fault.name()))
                .toList();
        if (list) {
            chosen.forEach(fault -> System.out.printf("%-24s %s%n", fault.name(), fault.expected()));
            return 0;
        }
        if (chosen.isEmpty() || chosen.size() < names.size()) {
            System.err.println("Not all of " + names + " are faults; --list names those there are");
            return 2;
        }
        int failed = 0;
        for (Fault fault : chosen) {
            failed += tried(fault) ? 0 : 1;
        }
        System.out.printf("%d of %d as expected%n", chosen.size() - failed, chosen.size());
        return failed == 0 ? 0 : 1;
    }

    private static boolean tried(Fault fault) throws IOException {
        Path directory = Memory.directory("hone-fault-");
        long begin = System.nanoTime();
        @Nullable Throwable failure = null;
        String seen;
        try {
            seen = fault.trial().run(directory);
        } catch (Exception | AssertionError e) {
            failure = e;
            seen = String.valueOf(e.getMessage()).lines().findFirst().orElse("") + "; all of it is in " + directory;
        }
        System.out.printf(
                Locale.ROOT,
                "%-24s %-6s %5.1f s  %s%n",
                fault.name(),
                failure == null ? "ok" : "FAILED",
                (System.nanoTime() - begin) / 1e9,
                seen);
        if (failure == null) {
            delete(directory);
        } else {
            Files.writeString(directory.resolve("failure.txt"), failure + "\n" + failure.getMessage());
        }
        return failure == null;
    }

    static void delete(Path directory) throws IOException {
        try (Stream<Path> tree = Files.walk(directory)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private static void write(@Nullable Path file, Map<String, ?> result) throws IOException {
        if (file != null) {
            Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(result) + "\n");
        }
    }

    /** What takes a while to find out, in a folder of its own. */
    private interface Measurement {
        Map<String, Object> run(Path directory) throws Exception;
    }

    /** On a real disk, unlike a trial: syncing it is part of what is measured. */
    private static int measured(Measurement measurement, @Nullable Path json) throws Exception {
        Path directory = Files.createTempDirectory("hone-measured-");
        Map<String, Object> result = measurement.run(directory);
        System.out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(result));
        write(json, result);
        delete(directory);
        return 0;
    }

    /** {@code kills 200}. */
    @Command(
            name = "kills",
            description =
                    "Kills runs (SIGKILL): N at random instants, and each kind of run at each step of a save; resumes"
                            + " each to its end and compares all it computed with one never killed.",
            mixinStandardHelpOptions = true)
    static final class KillSeries implements Callable<Integer> {

        @Parameters(paramLabel = "N", description = "How many.")
        private int count;

        @Option(names = "--seed", description = "Fixes the instants. Default: ${DEFAULT-VALUE}.")
        private long seed = 1;

        @Option(names = "--at-once", description = "Runs side by side. Default: ${DEFAULT-VALUE}.")
        private int atOnce = 1;

        @Option(names = "--random", description = "Only at random instants.")
        private boolean random;

        @Option(names = "--json", paramLabel = "FILE", description = "Write the results to this file.")
        private @Nullable Path json;

        @Override
        public Integer call() throws Exception {
            Path directory = Memory.directory("hone-kills-");
            long begin = System.nanoTime();
            Map<Kills.Kind, Kills.Whole> wholes = new EnumMap<>(Kills.Kind.class);
            for (Kills.Kind kind : Kills.Kind.values()) {
                wholes.put(kind, Kills.whole(kind, directory.resolve(kind.name().toLowerCase(Locale.ROOT))));
            }
            List<Kills.Result> results = new ArrayList<>();
            ExecutorService workers = Executors.newFixedThreadPool(atOnce);
            List<Future<Kills.Result>> futures = new ArrayList<>();
            int kinds = Kills.Kind.values().length;
            int all = count + (random ? 0 : kinds * Kills.POINTS.size());
            for (int number = 0; number < all; number++) {
                int trial = number;
                Kills.Kind kind = Kills.Kind.values()[(number < count ? number : number - count) % kinds];
                @Nullable String point = number < count ? null : Kills.POINTS.get((number - count) / kinds);
                futures.add(workers.submit(() -> trial(trial + 1, kind, point, wholes)));
            }
            for (Future<Kills.Result> future : futures) {
                Kills.Result result = future.get();
                results.add(result);
                boolean good = result.fault() == null && result.damaged() == 0 && !result.lost();
                System.out.printf(
                        Locale.ROOT,
                        "%4d/%d  %-30s %-16s after %5.2f s, %2d steps, %d checkpoints  %s%n",
                        result.number(),
                        all,
                        result.kind().name().toLowerCase(Locale.ROOT),
                        result.point() == null ? "random" : result.point(),
                        result.seconds(),
                        result.steps(),
                        result.checkpoints(),
                        good ? "the same bits" : "WRONG: " + result.fault());
            }
            workers.shutdown();
            Map<String, Object> summary = new LinkedHashMap<>();
            summary.put("kills", results.size());
            summary.put(
                    "at_random_instants",
                    results.stream().filter(r -> r.point() == null).count());
            summary.put(
                    "at_steps_of_a_save",
                    results.stream().filter(r -> r.point() != null).count());
            summary.put(
                    "checkpoints_verified",
                    results.stream().mapToInt(Kills.Result::checkpoints).sum());
            summary.put(
                    "checkpoints_damaged",
                    results.stream().mapToInt(Kills.Result::damaged).sum());
            summary.put(
                    "checkpoints_lost",
                    results.stream().filter(Kills.Result::lost).count());
            summary.put(
                    "resumed_with_the_same_bits",
                    results.stream().filter(r -> r.fault() == null).count());
            summary.put("seconds", Math.round((System.nanoTime() - begin) / 1e9));
            summary.put("seed", seed);
            System.out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(summary));
            summary.put("trials", results);
            write(json, summary);
            boolean good = results.stream().allMatch(r -> r.fault() == null && r.damaged() == 0 && !r.lost());
            if (good) {
                delete(directory);
            }
            return good ? 0 : 1;
        }

        /** Tries again where the run had ended before its kill. */
        private Kills.Result trial(
                int number, Kills.Kind kind, @Nullable String point, Map<Kills.Kind, Kills.Whole> wholes)
                throws Exception {
            for (int again = 0; ; again++) {
                Random chance = new Random(seed * 1_000_003 + number * 101L + again);
                Kills.@Nullable Result result = Kills.kill(number, kind, point, whole(wholes, kind), chance);
                if (result != null) {
                    return result;
                }
            }
        }

        private static Kills.Whole whole(Map<Kills.Kind, Kills.Whole> wholes, Kills.Kind kind) {
            return Objects.requireNonNull(wholes.get(kind));
        }
    }

    /** {@code soak 28800}. */
    @Command(
            name = "soak",
            description =
                    "Runs so many steps of a tiny model with saves and evaluations, and watches memory, open files and"
                            + " slow steps.",
            mixinStandardHelpOptions = true)
    static final class SoakRun implements Callable<Integer> {

        @Parameters(paramLabel = "STEPS", description = "How many.")
        private int steps;

        @Option(names = "--json", paramLabel = "FILE", description = "Write the results to this file.")
        private @Nullable Path json;

        @Override
        public Integer call() throws Exception {
            return measured(directory -> Soak.run(directory, steps), json);
        }
    }

    /** {@code waits 6}. */
    @Command(
            name = "waits",
            description = "Measures how long training waits for checkpoints, written in the background and not.",
            mixinStandardHelpOptions = true)
    static final class CheckpointWaits implements Callable<Integer> {

        @Parameters(paramLabel = "SAVES", description = "Checkpoints of each kind.")
        private int saves;

        @Option(names = "--json", paramLabel = "FILE", description = "Write the results to this file.")
        private @Nullable Path json;

        @Override
        public Integer call() throws Exception {
            return measured(directory -> Waits.run(directory, saves), json);
        }
    }
}
