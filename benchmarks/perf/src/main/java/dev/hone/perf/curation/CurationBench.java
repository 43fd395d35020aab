package dev.hone.perf.curation;

import dev.hone.datasets.curate.CharacterLimits;
import dev.hone.datasets.curate.Cleaning;
import dev.hone.datasets.curate.Decontaminator;
import dev.hone.datasets.curate.Deduplicator;
import dev.hone.datasets.curate.Dropped;
import dev.hone.datasets.curate.DroppedLog;
import dev.hone.datasets.curate.LanguageFilter;
import dev.hone.datasets.curate.PairRule;
import dev.hone.datasets.curate.QualityRules;
import dev.hone.datasets.curate.ScriptFilter;
import dev.hone.datasets.curate.TeachabilityReport;
import dev.hone.datasets.pairs.DatasetFreezer;
import dev.hone.datasets.pairs.FrozenDataset;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.PairWriter;
import dev.hone.datasets.pairs.Provenance;
import dev.hone.datasets.sources.Malformed;
import dev.hone.datasets.sources.PairFiles;
import dev.hone.datasets.sources.PairStream;
import dev.hone.datasets.sources.RowForm;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Reads generated pairs from a file, drops what is damaged, in another script, too short or long, contaminated (13 words
 * in a row, against 10,000 problems) or a near duplicate (Jaccard similarity 0.8), and freezes the rest. Prints the time,
 * the peak of resident memory, what telling the language would add, and how much of what was planted was found.
 *
 * <p>Arguments: the number of pairs (1,400,000) and a folder to work in.
 */
public final class CurationBench {
    private static final int PROBLEMS = 10_000;
    private static final int LANGUAGE_PAIRS = 3_000;

    private CurationBench() {}

    public static void main(String[] args) throws IOException {
        long count = args.length > 0 ? Long.parseLong(args[0].replace("_", "")) : 1_400_000;
        Path folder = Path.of(args.length > 1 ? args[1] : System.getProperty("java.io.tmpdir"))
                .resolve("hone-curation-" + count);
        List<Pair> problems = problems();
        Path file = folder.resolve("pairs.jsonl");
        if (!Files.exists(file)) {
            long start = System.nanoTime();
            Corpus corpus =
                    new Corpus(count, 3, problems.stream().map(Pair::prompt).toArray(String[]::new));
            PairWriter.write(file, () -> corpus);
            System.out.printf("generated %,d pairs, %,d MB, in %s%n", count, Files.size(file) >> 20, since(start));
        }
        long start = System.nanoTime();
        double processorSeconds = processorSeconds();
        Map<String, Map<String, Integer>> outcomes = new TreeMap<>();
        FrozenDataset frozen = curate(file, folder, problems, outcomes);
        Duration time = Duration.ofNanos(System.nanoTime() - start);
        System.out.printf(
                "curated in %d min %.1f s, %.0f s of processor time: %,.0f pairs/s, peak resident memory %,d MiB, %d processors, heap limit %,d MiB%n",
                time.toMinutes(),
                time.toSecondsPart() + time.toMillisPart() / 1000.0,
                processorSeconds() - processorSeconds,
                count / (time.toMillis() / 1000.0),
                peakMemory(),
                Runtime.getRuntime().availableProcessors(),
                Runtime.getRuntime().maxMemory() >> 20);
        languageCost(file);
        outcomes.forEach((kind, byOutcome) -> System.out.println("planted " + kind + ": " + byOutcome));
        System.out.println("frozen " + frozen.manifest().pairs() + " pairs as " + frozen.directory());
    }

    private static FrozenDataset curate(
            Path file, Path folder, List<Pair> problems, Map<String, Map<String, Integer>> outcomes) {
        Cleaning cleaning = new Cleaning(
                List.of(
                        new CharacterLimits(10, 10, 32_000),
                        new ScriptFilter(List.of("latin")),
                        new QualityRules(),
                        Decontaminator.against(problems, 13)),
                new Deduplicator(0.8, 1));
        try (PairStream pairs = new PairFiles(file, RowForm.pairs()).open(Malformed.strict());
                DroppedLog log = new DroppedLog(folder.resolve("dropped.jsonl"));
                DatasetFreezer freezer = new DatasetFreezer(folder.resolve("datasets"), "math")) {
            Consumer<Pair> kept = pair -> count(outcomes, pair, "kept");
            Consumer<Dropped> dropped =
                    drop -> count(outcomes, drop.pair(), drop.reason().name());
            TeachabilityReport report = cleaning.clean(pairs, kept.andThen(freezer::add), dropped.andThen(log));
            return freezer.freeze(new Provenance()
                    .file(file)
                    .counts(report.candidates(), report.dropped())
                    .seed("minhash", 1)
                    .map());
        }
    }

    /** What telling the language adds, on one thread: after the first thousand pairs, which warm it up. */
    private static void languageCost(Path file) {
        PairRule filter = new LanguageFilter(List.of("en"), 0.4);
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long start = 0;
        int told = 0;
        try (PairStream pairs = new PairFiles(file, RowForm.pairs()).open(Malformed.strict())) {
            for (int i = 0; i < LANGUAGE_PAIRS && pairs.hasNext(); i++) {
                Pair pair = pairs.next();
                if (i == LANGUAGE_PAIRS / 3) {
                    start = threads.getCurrentThreadCpuTime();
                    told = 0;
                }
                filter.judge(pair);
                told++;
            }
        }
        System.out.printf(
                "languages: %.3f ms of processor time a pair, over %,d pairs%n",
                (threads.getCurrentThreadCpuTime() - start) / 1e6 / told, told);
    }

    private static void count(Map<String, Map<String, Integer>> outcomes, Pair pair, String outcome) {
        outcomes.computeIfAbsent(String.valueOf(pair.metadata().get("planted")), kind -> new TreeMap<>())
                .merge(outcome, 1, Integer::sum);
    }

    private static List<Pair> problems() {
        Corpus words = new Corpus(0, 2, new String[0]);
        return new ArrayList<>(IntStream.range(0, PROBLEMS)
                .mapToObj(i -> new Pair("problem-" + i, "math", words.sentence(45), "1", null, "math", Map.of()))
                .toList());
    }

    private static String since(long start) {
        return "%.1f s".formatted((System.nanoTime() - start) / 1e9);
    }

    /** What all threads took, which other programs on the machine do not add to; 0 where the system does not say. */
    private static double processorSeconds() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .map(duration -> duration.toMillis() / 1000.0)
                .orElse(0.0);
    }

    /** The most memory the process held, in MiB; 0 where the system does not say. */
    private static long peakMemory() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmHWM"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElse(0);
    }
}
