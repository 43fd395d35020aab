package dev.hone.trainer.recipe;

import org.jspecify.annotations.Nullable;

/** The model that tells refusal from compliance. */
public record SafetyJudgeKeys(
        String endpoint,
        String model,
        @Nullable String apiKeyEnv,

        @Key(value = "Longest judgement, in tokens.", fallback = "512", min = 1)
        int maxTokens,

        int concurrency,
        double requestsPerMinute,
        double pricePrompt,
        double priceCompletion,

        @Key(
                value = "Most that may be spent, over all restarts, in the currency of the prices; left out: no limit.",
                min = 0)
        @Nullable
        Double budget)
        implements ApiModelKeys {}
