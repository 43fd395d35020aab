package dev.hone.trainer.cli;

import dev.hone.benchmarks.EvalResult;
import dev.hone.benchmarks.FewShotIdentity;
import dev.hone.benchmarks.PairedComparison;
import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Another model's results, which a model is compared with. */
final class Baseline {

    private final Map<Path, EvalResult> byFile = new LinkedHashMap<>();

    /**
     * Reads them.
     *
     * @param against one benchmark's result, or a folder that holds a result of each
     * @param benchmarks the names
     * @throws UserError where one is missing
     */
    Baseline(Path against, List<String> benchmarks) {
        if (!Files.isDirectory(against)) {
            if (benchmarks.size() > 1) {
                throw new UserError("--against " + against + " is one result, but there are " + benchmarks.size()
                        + " benchmarks; give a folder that holds a result of each");
            }
            byFile.put(against, EvalResult.read(against));
            return;
        }
        for (String benchmark : benchmarks) {
            Path file = against.resolve(benchmark + ".json");
            if (!Files.isRegularFile(file)) {
                throw new UserError("--against " + against + " has no " + file.getFileName()
                        + "; evaluate the other model by " + benchmark + " too, or leave the benchmark out");
            }
            byFile.put(file, EvalResult.read(file));
        }
    }

    /** Throws {@link UserError} where a result is of other problems than its task's. */
    void requireSameProblems(List<EvalTask> tasks) {
        int task = 0;
        for (Map.Entry<Path, EvalResult> other : byFile.entrySet()) {
            EvalTask here = tasks.get(task++);
            Set<String> ids = here.problems().pairs().stream().map(Pair::id).collect(Collectors.toSet());
            if (!other.getValue().problems().keySet().equals(ids)) {
                throw new UserError(other.getKey() + " is of other problems than " + here.name()
                        + " here; compare two of the same benchmark and --limit");
            }
        }
    }

    /** Each result, in the order of the benchmarks, beside its namesake, by the other's file. */
    Map<Path, PairedComparison> compared(List<EvalResult> results) {
        Map<Path, PairedComparison> each = new LinkedHashMap<>();
        byFile.forEach((file, other) -> each.put(file, PairedComparison.of(other, results.get(each.size()))));
        return PairedComparison.together(each);
    }

    /** Where the other model was shown other examples, a sentence for each such benchmark. */
    List<String> askedOtherwise(List<EvalResult> results) {
        List<String> sentences = new ArrayList<>();
        int of = 0;
        for (EvalResult other : byFile.values()) {
            FewShotIdentity.difference(other, results.get(of++)).ifPresent(sentences::add);
        }
        return sentences;
    }
}
