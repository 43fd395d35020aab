package dev.hone.trainer.recipe;

import org.jspecify.annotations.Nullable;

/** The model that tells refusal from compliance. */
public record SafetyJudgeKeys(
        @Key("Base URL of an OpenAI-compatible server, such as `http://localhost:8000/v1`.")
        String endpoint,

        @Key("The model's name there.") String model,

        @Key("The environment variable that holds the API key; left out: no key is sent.") @Nullable
        String apiKeyEnv,

        @Key(value = "Longest judgement, in tokens.", fallback = "512", min = 1)
        int maxTokens,

        @Key(value = "Requests under way at once.", fallback = "4", min = 1)
        int concurrency,

        @Key(value = "Requests begun in a minute, at most; 0 sets no limit.", fallback = "0", min = 0)
        double requestsPerMinute,

        @Key(value = "Price of a million prompt tokens.", fallback = "0", min = 0)
        double pricePrompt,

        @Key(value = "Price of a million completion tokens.", fallback = "0", min = 0)
        double priceCompletion,

        @Key(
                value = "Most that may be spent, over all restarts, in the currency of the prices; left out: no limit.",
                min = 0)
        @Nullable
        Double budget)
        implements ApiModelKeys {}
