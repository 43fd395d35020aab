package dev.hone.trainer.cli;

import dev.hone.benchmarks.EvalResult;
import dev.hone.benchmarks.EvalSummary;
import dev.hone.benchmarks.FewShotIdentity;
import dev.hone.benchmarks.PairedComparison;
import dev.hone.datasets.UserError;
import dev.hone.trainer.run.Output;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "compare",
        description =
                "Says whether the second of two models is better, problem by problem: the exact McNemar test, or a"
                        + " paired permutation test for several attempts each, and the difference's interval by bootstrap.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone compare before/gsm8k.json after/gsm8k.json",
            "  hone compare runs/first/evals runs/second/evals     # all benchmarks of both folders",
            "",
            "Results are what `hone eval` writes. Several benchmarks are judged together (Holm): that one of them"
                    + " differs by chance alone is as rare as with one."
        })
final class CompareCommand implements Runnable {

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    @Parameters(index = "0", paramLabel = "BEFORE", description = "A result, or a folder of results.")
    private Path before = Path.of("");

    @Parameters(index = "1", paramLabel = "AFTER", description = "Another of the same problems.")
    private Path after = Path.of("");

    @Mixin
    private final JsonOption json = new JsonOption();

    @Override
    public void run() {
        Map<String, PairedComparison> each = new LinkedHashMap<>();
        if (Files.isDirectory(before) && Files.isDirectory(after)) {
            Map<String, Path> earlier = results(before);
            Map<String, Path> later = results(after);
            earlier.forEach((name, file) -> {
                Path other = later.get(name);
                if (other != null) {
                    each.put(name, compare(file, other));
                }
            });
            sayUnmatched(before, earlier, later);
            sayUnmatched(after, later, earlier);
            if (each.isEmpty()) {
                throw new UserError(before + " and " + after
                        + " have no result of the same name; give two folders that `hone eval` wrote to");
            }
        } else {
            each.put(EvalResult.read(before).benchmark(), compare(before, after));
        }
        Map<String, PairedComparison> compared = PairedComparison.together(each);
        if (json.on) {
            System.out.println(JSON.writeValueAsString(compared));
            return;
        }
        compared.forEach((name, comparison) -> System.out.printf(
                Locale.ROOT,
                "%s: %.1f%% before, %.1f%% after, %s%n",
                name,
                100 * comparison.before(),
                100 * comparison.after(),
                comparison.verdict()));
    }

    private static void sayUnmatched(Path folder, Map<String, Path> there, Map<String, Path> other) {
        List<String> names =
                there.keySet().stream().filter(name -> !other.containsKey(name)).toList();
        if (!names.isEmpty()) {
            Output.standard().line("not compared, only in " + folder + ": " + String.join(", ", names));
        }
    }

    private static PairedComparison compare(Path first, Path second) {
        EvalResult before = EvalResult.read(first);
        EvalResult after = EvalResult.read(second);
        FewShotIdentity.difference(before, after).ifPresent(Output.standard()::line);
        return PairedComparison.of(before, after);
    }

    private static Map<String, Path> results(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            Map<String, Path> results = new TreeMap<>();
            List<Path> all =
                    files.filter(file -> file.toString().endsWith(".json")).toList();
            all.forEach(file -> results.put(file.getFileName().toString().replaceFirst("\\.json$", ""), file));
            results.remove(EvalSummary.NAME);
            return results;
        } catch (IOException e) {
            throw new UserError(folder + " cannot be listed (" + e.getMessage() + "); give a folder of results");
        }
    }
}
