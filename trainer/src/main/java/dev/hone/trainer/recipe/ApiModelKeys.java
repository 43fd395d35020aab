package dev.hone.trainer.recipe;

import org.jspecify.annotations.Nullable;

/** A model behind an OpenAI-compatible API, and how it is asked. */
public interface ApiModelKeys {
    String endpoint();

    String model();

    default String api() {
        return "chat";
    }

    @Nullable
    String apiKeyEnv();

    int concurrency();

    double requestsPerMinute();

    double pricePrompt();

    double priceCompletion();

    @Nullable
    Double budget();
}
