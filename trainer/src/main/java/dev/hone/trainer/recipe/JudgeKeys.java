package dev.hone.trainer.recipe;

import org.jspecify.annotations.Nullable;

/** A served model that grades reasoning. What it finds is recorded; it drops no pair. */
public record JudgeKeys(
        @Key("Base URL of an OpenAI-compatible server, such as `http://localhost:8000/v1`.")
        String endpoint,

        @Key("The model's name there.") String model,

        @Key("The environment variable that holds the API key; left out: no key is sent.") @Nullable
        String apiKeyEnv,

        @Key(value = "Attempts of each pair that it grades, the first ones.", fallback = "1", min = 1)
        int attempts,

        @Key(value = "Longest grading, in tokens.", fallback = "1024", min = 1)
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
                value =
                        "Most that may be spent, over all domains and restarts, in the currency of the prices; left out:"
                                + " no limit.",
                min = 0)
        @Nullable
        Double budget)
        implements ApiModelKeys {}
