package dev.hone.trainer.recipe;

/** Best-of-n: what the model is fine-tuned on are its own correct answers. */
public record RejectionSamplingKeys(
        @Key(value = "Answers drawn for each prompt.", fallback = "8", min = 1)
        int numGenerations,

        @Key(value = "Correct answers kept of each prompt, at most.", fallback = "1", min = 1)
        int keep,

        @Key(
                value = "Which correct answers are the best.",
                fallback = "shortest",
                choices = {"shortest", "likeliest"})
        String select,

        @Key(value = "Longest answer, in tokens.", fallback = "256", min = 1)
        int maxCompletionLength,

        @Key(value = "Sampling temperature.", fallback = "1.0", min = 0.01)
        double temperature,

        @Key(value = "Nucleus sampling: the share of probability kept.", fallback = "1.0", min = 0, max = 1)
        double topP) {}
