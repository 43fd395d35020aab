package dev.hone.trainer.cli;

import dev.hone.datasets.UserError;
import dev.hone.datasets.curate.Decontaminator;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.PairWriter;
import dev.hone.datasets.sources.Malformed;
import dev.hone.datasets.sources.PairFiles;
import dev.hone.datasets.sources.PairStream;
import dev.hone.datasets.sources.RowForm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "contamination",
        description = "Looks for benchmarks' problems in training data: the same prompt but for case, spacing and the"
                + " notation of formulas, or N words in a row in prompt or response.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone contamination --benchmark gsm8k runs/gsm8k/datasets/math/0f3a...   # a frozen dataset",
            "  hone contamination --benchmark math500 train.jsonl 'more/*.jsonl.gz' --output found.jsonl",
            "",
            "Exit code 0 whether or not any is found; --json for scripts."
        })
final class ContaminationCommand implements Runnable {

    private static final int SHOWN = 5;

    @Mixin
    private final BenchmarkArguments benchmark = new BenchmarkArguments();

    @Parameters(
            paramLabel = "DATA",
            arity = "1..*",
            description = "Files of pairs, patterns of them, or folders of frozen datasets.")
    private List<Path> data = List.of();

    @Option(
            names = "--words",
            paramLabel = "N",
            description = "Words in a row that give a problem away; 0 compares whole prompts only. Default: 13.")
    private int words = 13;

    @Option(names = "--output", paramLabel = "FILE", description = "Where to write the pairs found, in JSONL.")
    private @Nullable Path output;

    @Mixin
    private final JsonOption json = new JsonOption();

    @Override
    public void run() {
        if (words < 0) {
            throw new UserError("--words is " + words + ", at least 0 expected");
        }
        List<BenchmarkArguments.Wanted> wanted = benchmark.wanted();
        String names = wanted.stream().map(BenchmarkArguments.Wanted::name).collect(Collectors.joining(","));
        List<Pair> problems = wanted.stream()
                .flatMap(one -> benchmark.problems(one).pairs().stream())
                .toList();
        Decontaminator decontaminator = Decontaminator.against(problems, words);
        List<Pair> found = new ArrayList<>();
        long read = 0;
        for (Path one : data) {
            try (PairStream pairs = files(one).open(Malformed.strict())) {
                while (pairs.hasNext()) {
                    read++;
                    decontaminator.judge(pairs.next()).ifPresent(dropped -> found.add(dropped.pair()));
                }
            }
        }
        TreeSet<String> given = new TreeSet<>();
        found.forEach(pair -> given.add(String.valueOf(pair.metadata().get("contaminated_by"))));
        if (output != null) {
            PairWriter.write(output, found);
        }
        if (json.on) {
            Map<String, Object> summary = new LinkedHashMap<>();
            summary.put("benchmark", names);
            summary.put("problems", problems.size());
            summary.put("pairs", read);
            summary.put("contaminated_pairs", found.size());
            summary.put("contaminated_problems", given);
            System.out.println(new JsonMapper().writeValueAsString(summary));
            return;
        }
        System.out.printf(
                "%s: %,d of %,d problems are in the data, by %,d of %,d pairs%n",
                names, given.size(), problems.size(), found.size(), read);
        found.stream()
                .limit(SHOWN)
                .forEach(pair -> System.out.println(
                        "  " + pair.id() + " gives away " + pair.metadata().get("contaminated_by") + ": \""
                                + pair.metadata().get("shared_words") + "\""));
        if (found.size() > SHOWN && output == null) {
            System.out.println("  ... " + (found.size() - SHOWN) + " more; --output writes all");
        }
    }

    /** A frozen dataset's pairs lie in a folder. */
    private static PairFiles files(Path path) {
        Path pairs = path.resolve("pairs.jsonl");
        if (Files.isDirectory(path) && !Files.isRegularFile(pairs)) {
            throw new UserError(
                    path + " is no frozen dataset: it has no pairs.jsonl; name a folder of a run's datasets/,"
                            + " or files");
        }
        return new PairFiles(Files.isDirectory(path) ? pairs : path, RowForm.pairs());
    }
}
