package dev.hone.trainer.recipe;

import org.jspecify.annotations.Nullable;

/** A model behind an OpenAI-compatible API, and how it is asked: the keys that all such models have. */
public interface ApiModelKeys {

    @Key("Base URL of an OpenAI-compatible server, such as `http://localhost:8000/v1`.")
    String endpoint();

    @Key("The model's name there.")
    String model();

    /** As {@link ServedKeys#api}, where the section has such a key. */
    default String api() {
        return "chat";
    }

    @Key("The environment variable that holds the API key; left out: no key is sent.")
    @Nullable
    String apiKeyEnv();

    @Key(value = "Requests under way at once.", fallback = "4", min = 1)
    int concurrency();

    @Key(value = "Requests begun in a minute, at most; 0 sets no limit.", fallback = "0", min = 0)
    double requestsPerMinute();

    @Key(value = "Price of a million prompt tokens.", fallback = "0", min = 0)
    double pricePrompt();

    @Key(value = "Price of a million completion tokens.", fallback = "0", min = 0)
    double priceCompletion();

    @Key(
            value = "Most that may be spent, over all domains and restarts, in the currency of the prices; left out:"
                    + " no limit.",
            min = 0)
    @Nullable
    Double budget();
}
