package dev.hone.trainer.recipe;

import org.jspecify.annotations.Nullable;

/** A served model that grades reasoning. What it finds is recorded; it drops no pair. */
public record JudgeKeys(
        String endpoint,
        String model,
        @Nullable String apiKeyEnv,

        @Key(value = "Attempts of each pair that it grades, the first ones.", fallback = "1", min = 1)
        int attempts,

        @Key(value = "Longest grading, in tokens.", fallback = "1024", min = 1)
        int maxTokens,

        int concurrency,
        double requestsPerMinute,
        double pricePrompt,
        double priceCompletion,
        @Nullable Double budget)
        implements ApiModelKeys {}
