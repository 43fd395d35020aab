package dev.hone.datasets.pairs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.datasets.curate.CharacterLimits;
import dev.hone.datasets.curate.Cleaning;
import dev.hone.datasets.curate.Decontaminator;
import dev.hone.datasets.curate.Deduplicator;
import dev.hone.datasets.curate.Dropped;
import dev.hone.datasets.curate.QualityRules;
import dev.hone.datasets.curate.ScriptFilter;
import dev.hone.datasets.sources.Malformed;
import dev.hone.datasets.sources.PairFiles;
import dev.hone.datasets.sources.PairStream;
import dev.hone.datasets.sources.RowForm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same candidates freeze to the same hash, whatever the threads, the folder, the language and the time zone. */
class SameHashEverywhereTest {

    @TempDir
    private Path directory;

    @Test
    void threadsFolderLanguageAndTimeZoneDoNotMatter() throws Exception {
        Set<String> hashes = new HashSet<>();
        hashes.add(frozenIn("one", 0, "en", "UTC", "UTF-8"));
        hashes.add(frozenIn("a deeper/f\u00F6lder", 7, "tr", "Asia/Kolkata", "UTF-8"));
        hashes.add(frozenIn("two", 1, "ar", "America/St_Johns", "ISO-8859-1"));
        assertThat(hashes).hasSize(1).allMatch(hash -> hash.matches("[0-9a-f]{64}"));
    }

    /** Cleans and freezes in a process of its own. */
    private String frozenIn(String folder, int threads, String language, String zone, String encoding)
            throws Exception {
        Path work = Files.createDirectories(directory.resolve(folder));
        PairWriter.write(work.resolve("pairs.jsonl"), pairs());
        Path out = work.resolve("out");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Djava.util.concurrent.ForkJoinPool.common.parallelism=" + threads,
                        "-Duser.language=" + language,
                        "-Duser.timezone=" + zone,
                        "-Dfile.encoding=" + encoding,
                        "-cp",
                        System.getProperty("java.class.path"),
                        SameHashEverywhereTest.class.getName())
                .directory(work.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        String said = Files.readString(out, StandardCharsets.ISO_8859_1);
        assertThat(process.exitValue()).as(said).isZero();
        return said.strip().lines().reduce((first, last) -> last).orElseThrow();
    }

    /** What a process of {@link #frozenIn} does, in its working folder. */
    public static void main(String[] args) throws IOException {
        Cleaning cleaning = new Cleaning(
                List.of(
                        new CharacterLimits(5, 1, 4000),
                        new ScriptFilter(List.of("latin")),
                        new QualityRules(),
                        new Decontaminator(List.of("WHICH TITLE IS IT"), 3)),
                new Deduplicator(0.8, 1));
        List<Dropped> dropped = new ArrayList<>();
        try (PairStream stream = new PairFiles(Path.of("pairs.jsonl"), RowForm.pairs()).open(Malformed.strict());
                DatasetFreezer freezer = new DatasetFreezer(Path.of("datasets"), "math")) {
            cleaning.clean(stream, freezer::add, dropped::add);
            if (dropped.isEmpty()) {
                throw new IllegalStateException("nothing was dropped, so nothing is tried");
            }
            System.out.println(freezer.freeze(Map.of()).hash());
        }
    }

    private static List<Pair> pairs() {
        Random random = new Random(5);
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < 9000; i++) {
            String prompt =
                    switch (i % 50) {
                        case 0 -> "Which title is it, number " + i + "?";
                        case 1 ->
                            "\u041F\u0440\u0438\u0432\u0435\u0442, \u043A\u0430\u043A \u0434\u0435\u043B\u0430 " + i;
                        case 2 -> "WHAT IS THE INITIAL DIGIT OF \u0130STANBUL'S " + i % 500 + "?";
                        default ->
                            "Add " + random.nextInt(1 << 30) + ", " + random.nextInt(1 << 30) + " and "
                                    + Long.toString(random.nextLong(), 36) + ".";
                    };
            pairs.add(new Pair(
                    "p" + i, "math", prompt, "1", "So: 1", "math", Map.of("rate", random.nextDouble(), "at", i)));
        }
        return pairs;
    }
}
