package dev.hone.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a benchmark's evaluation leaves in a folder.
 *
 * @param result what it measured: {@code <benchmark>.json}
 * @param samples every attempt: {@code <benchmark>.jsonl}
 */
public record EvaluationFiles(Path result, Path samples) {

    public static EvaluationFiles in(Path folder, String benchmark) {
        return new EvaluationFiles(folder.resolve(benchmark + ".json"), folder.resolve(benchmark + ".jsonl"));
    }

    /**
     * The result, where this very evaluation came to its end here; null where it did not, or where what is there is of
     * another.
     *
     * @param model what answers, as in {@link Evaluator#evaluate}
     * @throws dev.hone.datasets.UserError where what is there is no result
     */
    public @Nullable EvalResult finished(Benchmark benchmark, Protocol protocol, String model) {
        // The samples of an evaluation under way replace those there before its result does.
        if (SampleJournal.isThere(samples) || !Files.isRegularFile(samples) || !Files.isRegularFile(result)) {
            return null;
        }
        EvalResult there = EvalResult.read(result);
        return SampleJournal.evaluation(benchmark, protocol, model).equals(there.evaluation()) ? there : null;
    }
}
