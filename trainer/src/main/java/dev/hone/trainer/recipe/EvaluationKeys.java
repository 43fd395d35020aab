package dev.hone.trainer.recipe;

import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** How models are judged. */
public record EvaluationKeys(
        @Key("Held-out pairs whose loss is measured while fine-tuning.")
        List<SourceKeys> data,

        @Key("Held-out problems the model answers after fine-tuning on `data`.")
        List<SourceKeys> benchmark,

        @Key(value = "Answers drawn for each problem.", fallback = "1", min = 1)
        int attempts,

        @Key(value = "Sampling temperature; 0 takes the likeliest token.", fallback = "0.0", min = 0)
        double temperature,

        @Key(value = "Draw from the likeliest tokens only, so many; 0 from all.", fallback = "0", min = 0)
        int topK,

        @Key(value = "Nucleus sampling: the share of probability kept.", fallback = "1.0", min = 0, max = 1)
        double topP,

        @Key(value = "Longest answer, in tokens.", fallback = "256", min = 1)
        int maxTokens,

        @Key(value = "Fixes the sampling.", fallback = "0", min = 0)
        long seed) {

    EvaluationKeys withSources(UnaryOperator<SourceKeys> change) {
        return with(SourceKeys.changed(data, change), SourceKeys.changed(benchmark, change));
    }

    EvaluationKeys settingAside(@Nullable Path folder) {
        return with(
                SourceKeys.settingAside(data, folder, "evaluation-data"),
                SourceKeys.settingAside(benchmark, folder, "evaluation-benchmark"));
    }

    private EvaluationKeys with(List<SourceKeys> otherData, List<SourceKeys> otherBenchmark) {
        return new EvaluationKeys(otherData, otherBenchmark, attempts, temperature, topK, topP, maxTokens, seed);
    }
}
