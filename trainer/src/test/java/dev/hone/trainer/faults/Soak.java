package dev.hone.trainer.faults;

import dev.hone.trainer.cli.Recipes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * A long run of the quickstart's model, watched from outside: what its memory, its open files and its slowest steps do. A model of
 * seven billion weights takes about a second a step on a GPU, so that 28,800 steps are eight hours of it; memory that
 * leaks with steps, saves and evaluations leaks here as there, only sooner.
 */
final class Soak {

    /** Steps that take a second each: an hour of the run this stands for. */
    private static final double STEPS_OF_AN_HOUR = 3600;

    /** The share of the run in which the compiler and caches still warm up. */
    private static final double WARM_UP = 0.2;

    private static final String OTHERS = "others had the processor";

    /** The list of what is on the heap collects it first, and a virtual machine starts to ask for it. */
    private static final String LOOKED = "the heap was looked at";

    /** How often the scheduler's account is read. */
    private static final long ACCOUNT_MILLIS = 5;

    private static final long PAGE = 4096;
    private static final Pattern PAUSE = Pattern.compile("^\\[([^]]+)].*Pause.* ([0-9.]+)ms");
    private static final Pattern LIVE = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");

    /** What was seen at a moment. */
    private record Sample(double seconds, long steps, long rssBytes, long files) {}

    /** The scheduler's account of a step: nanoseconds it waited for a processor so far. */
    private record Waited(long millis, long nanos) {}

    /** When the heap was looked at, in milliseconds of the epoch. */
    private record Look(long begin, long end) {}

    private Soak() {}

    static Map<String, Object> run(Path directory, int steps) throws Exception {
        Files.createDirectories(directory);
        Path recipe = directory.resolve("recipe.yaml");
        Files.writeString(
                recipe, """
                seed: 3
                model: {path: %s}
                checkpoint: {save_steps: 100, save_total_limit: 2, keep_every: %d, metric_for_best_model: eval_loss}
                data:
                  - {generator: arithmetic, levels: [1, 2], count: 800}
                sft: {max_steps: %d, tokens_per_step: 512, max_length: 128, learning_rate: 1.0e-3, eval_steps: 500}
                evaluation:
                  data: [{generator: arithmetic, levels: [1, 2], count: 30}]
                  benchmark: [{generator: arithmetic, levels: [1, 2], count: 30}]
                """.formatted(Recipes.TOKENIZER.resolveSibling("base"), Math.max(1, steps / 4), steps));
        HoneRun run = HoneRun.of(recipe, "run");
        Path pauses = directory.resolve("gc.log");
        long begin = System.nanoTime();
        Process process = run.train(
                // A heap of one size, all of it touched: what grows then is not the heap.
                "-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch", "-Xlog:gc:file=" + pauses + ":time");
        List<Sample> samples = new ArrayList<>();
        List<Waited> waited = new ArrayList<>();
        List<Long> live = new ArrayList<>();
        List<Look> looks = new ArrayList<>();
        Path events = run.directory().resolve("events.jsonl");
        List<Path> threads = List.of();
        long nextSample = 0;
        long nextHistogram = steps / 5;
        long seen = 0;
        try (StepCount count = new StepCount(events)) {
            while (process.isAlive()) {
                long now = System.nanoTime() - begin;
                waited.add(waited(threads));
                if (now >= nextSample) {
                    threads = stepThreads(process.pid());
                    nextSample = now + 500_000_000L;
                    seen = count.now();
                    sample(process.pid(), now / 1e9, seen, samples);
                }
                if (seen >= nextHistogram) {
                    nextHistogram += Math.max(1, steps / 8);
                    long lookedFrom = System.currentTimeMillis();
                    live.add(liveBytes(process.pid()));
                    looks.add(new Look(lookedFrom, System.currentTimeMillis()));
                }
                Thread.sleep(ACCOUNT_MILLIS);
            }
        }
        run.ends(process, 0);
        double wall = (System.nanoTime() - begin) / 1e9;
        return result(run, samples, waited, pauses, live, looks, wall);
    }

    private static Map<String, Object> result(
            HoneRun run,
            List<Sample> samples,
            List<Waited> waited,
            Path pauses,
            List<Long> live,
            List<Look> looks,
            double wall)
            throws IOException {
        long steps = samples.get(samples.size() - 1).steps();
        // While it trained: what it does at its end it does once.
        List<Sample> warm = samples.stream()
                .filter(sample -> sample.steps() > WARM_UP * steps && sample.steps() < steps)
                .toList();
        if (warm.size() < 2) {
            throw new IllegalStateException(steps + " steps are over too soon to judge; ask for more");
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("steps", run.steps());
        result.put("seconds", Math.round(wall));
        result.put("checkpoints", run.events("checkpoint").size());
        result.put("evaluations", run.events("eval_loss").size());
        result.put("rss_mib_warm", warm.get(0).rssBytes() >> 20);
        result.put("rss_mib_end", warm.get(warm.size() - 1).rssBytes() >> 20);
        result.put(
                "rss_mb_per_3600_steps",
                rounded(slope(
                                warm.stream().mapToDouble(Sample::steps).toArray(),
                                warm.stream().mapToDouble(Sample::rssBytes).toArray())
                        * STEPS_OF_AN_HOUR
                        / 1e6));
        result.put("live_heap_bytes", live);
        result.put("files_least", warm.stream().mapToLong(Sample::files).min().orElse(0));
        result.put("files_most", warm.stream().mapToLong(Sample::files).max().orElse(0));
        result.putAll(slowSteps(run, waited, pauses, looks));
        return result;
    }

    /** Steps slower than three times the median, and why. */
    private static Map<String, Object> slowSteps(HoneRun run, List<Waited> waited, Path pauses, List<Look> looks)
            throws IOException {
        List<JsonNode> train = run.events("train");
        double[] seconds = train.stream()
                .mapToDouble(event -> event.path("seconds").asDouble())
                .toArray();
        double median = median(seconds);
        Map<Long, Double> stalls = stalls(run.events());
        List<double[]> collections = pauses(pauses);
        Map<String, Integer> reasons = new TreeMap<>();
        List<String> ours = new ArrayList<>();
        double slowest = 0;
        for (int i = 0; i < seconds.length; i++) {
            JsonNode event = train.get(i);
            double stall = stalls.getOrDefault(event.path("step").asLong(), 0.0);
            double whole = seconds[i] + stall;
            slowest = Math.max(slowest, whole);
            if (whole <= 3 * median) {
                continue;
            }
            long end = Instant.parse(event.path("time").asString()).toEpochMilli();
            double excess = whole - median;
            String reason = reason(end, whole, excess, stall, waited, collections, looks);
            reasons.merge(reason, 1, Integer::sum);
            if (!reason.equals(OTHERS) && !reason.equals(LOOKED)) {
                ours.add(String.format(
                        Locale.ROOT, "step %d: %.1f ms, %s", event.path("step").asLong(), whole * 1000, reason));
            }
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("step_median_ms", rounded(median * 1000));
        result.put("step_p999_ms", rounded(percentile(seconds, 0.999) * 1000));
        result.put("step_slowest_ms", rounded(slowest * 1000));
        result.put("steps_over_3_medians", reasons);
        result.put("of_ours", ours);
        double stalled =
                stalls.values().stream().mapToDouble(Double::doubleValue).sum();
        result.put(
                "checkpoints_waited_for_share",
                rounded(stalled / Arrays.stream(seconds).sum()));
        return result;
    }

    /** Seconds that steps were followed by waiting for a checkpoint, by the step's number in its event. */
    private static Map<Long, Double> stalls(List<JsonNode> events) {
        Map<Long, Double> stalls = new TreeMap<>();
        long step = -1;
        double stall = 0;
        for (JsonNode event : events) {
            switch (event.path("event").asString()) {
                case "train" -> {
                    // What follows the last step delays none.
                    stalls.put(step, stall);
                    step = event.path("step").asLong();
                    stall = 0;
                }
                case "checkpoint" ->
                    stall += event.path("waited_seconds").asDouble()
                            + event.path("copy_seconds").asDouble();
                default -> {}
            }
        }
        return stalls;
    }

    private static String reason(
            long end,
            double whole,
            double excess,
            double stall,
            List<Waited> waited,
            List<double[]> collections,
            List<Look> looks) {
        long begin = end - Math.round(whole * 1000);
        if (stall > excess / 2) {
            return "a checkpoint";
        }
        if (looks.stream().anyMatch(look -> look.begin() <= end && look.end() >= begin)) {
            return LOOKED;
        }
        // Looks a little further than the step: the account is read now and then.
        double delay = (at(waited, end + ACCOUNT_MILLIS) - at(waited, begin - ACCOUNT_MILLIS)) / 1e9;
        if (delay > excess / 2) {
            return OTHERS;
        }
        return within(collections, begin, end) > excess / 2 ? "a garbage collection" : "unknown";
    }

    /** Seconds of the pauses that ended then. */
    private static double within(List<double[]> pauses, long begin, long end) {
        return pauses.stream()
                        .filter(pause -> pause[0] >= begin - 1 && pause[0] <= end + 1)
                        .mapToDouble(pause -> pause[1])
                        .sum()
                / 1000;
    }

    private static long at(List<Waited> waited, long millis) {
        int low = 0;
        int high = waited.size() - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (waited.get(middle).millis() < millis) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return waited.get(low).nanos();
    }

    /** When each pause ended, in milliseconds of the epoch, and how many milliseconds it took. */
    private static List<double[]> pauses(Path log) throws IOException {
        List<double[]> pauses = new ArrayList<>();
        for (String line : Files.readAllLines(log)) {
            Matcher matcher = PAUSE.matcher(line);
            if (!line.contains("Heap Inspection") && matcher.find()) {
                // As 2026-01-31T10:00:00.000+0000.
                String time = matcher.group(1).replaceFirst("(\\d\\d)(\\d\\d)$", "$1:$2");
                pauses.add(new double[] {
                    OffsetDateTime.parse(time).toInstant().toEpochMilli(), Double.parseDouble(matcher.group(2))
                });
            }
        }
        return pauses;
    }

    private static void sample(long pid, double seconds, long steps, List<Sample> samples) {
        try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            long resident = Long.parseLong(Files.readString(Path.of("/proc", Long.toString(pid), "statm"))
                    .split(" ")[1]);
            if (resident > 0) {
                samples.add(new Sample(seconds, steps, resident * PAGE, open.count()));
            }
        } catch (IOException | RuntimeException ended) {
            // Its last moment: /proc went with it.
            return;
        }
    }

    /** Of the threads on which a step waits. */
    private static Waited waited(List<Path> threads) {
        long nanos = 0;
        for (Path thread : threads) {
            nanos += account(thread)[1];
        }
        return new Waited(System.currentTimeMillis(), nanos);
    }

    /** The thread that has computed most, which trains, and the one that stops it to collect garbage. */
    private static List<Path> stepThreads(long pid) {
        try (Stream<Path> listed = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            List<Path> threads = listed.toList();
            return Stream.concat(
                            threads.stream().filter(thread -> name(thread).equals("VM Thread")),
                            threads.stream().max(Comparator.comparingLong(thread -> account(thread)[0])).stream())
                    .distinct()
                    .toList();
        } catch (IOException | RuntimeException ended) {
            return List.of();
        }
    }

    private static String name(Path thread) {
        try {
            return Files.readString(thread.resolve("comm")).strip();
        } catch (IOException ended) {
            return "";
        }
    }

    /** Nanoseconds a thread has computed, and that it has waited for a processor. */
    private static long[] account(Path thread) {
        try {
            String[] fields = Files.readString(thread.resolve("schedstat")).split(" ");
            return new long[] {Long.parseLong(fields[0]), Long.parseLong(fields[1])};
        } catch (IOException ended) {
            return new long[] {0, 0};
        }
    }

    /** Bytes of the heap that are in use, after a full collection. */
    private static long liveBytes(long pid) throws IOException {
        Process histogram = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(pid),
                        "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        Matcher total = LIVE.matcher(new String(histogram.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        return total.find() ? Long.parseLong(total.group(1)) : -1;
    }

    /** Least squares. */
    static double slope(double[] x, double[] y) {
        double meanX = Arrays.stream(x).average().orElse(0);
        double meanY = Arrays.stream(y).average().orElse(0);
        double covariance = 0;
        double variance = 0;
        for (int i = 0; i < x.length; i++) {
            covariance += (x[i] - meanX) * (y[i] - meanY);
            variance += (x[i] - meanX) * (x[i] - meanX);
        }
        return variance == 0 ? 0 : covariance / variance;
    }

    private static double median(double[] values) {
        return percentile(values, 0.5);
    }

    private static double percentile(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted.length == 0 ? 0 : sorted[(int) Math.min(sorted.length - 1, share * sorted.length)];
    }

    private static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
