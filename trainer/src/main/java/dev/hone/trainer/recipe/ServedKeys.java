package dev.hone.trainer.recipe;

import org.jspecify.annotations.Nullable;

/** The model that makes the attempts, where that is not hone's own generator. */
public record ServedKeys(
        String endpoint,
        String model,

        @Key(
                value = "How it is asked: `chat`, a candidate's messages, which the server writes by the model's chat"
                        + " template; `completions`, its prompt as a text to go on with, as suits base models.",
                fallback = "chat",
                choices = {"chat", "completions"})
        String api,

        @Nullable String apiKeyEnv,

        @Key(value = "Requests under way at once; the attempts at a candidate are one.", fallback = "16", min = 1)
        int concurrency,

        double requestsPerMinute,
        double pricePrompt,
        double priceCompletion,
        @Nullable Double budget)
        implements ApiModelKeys {}
