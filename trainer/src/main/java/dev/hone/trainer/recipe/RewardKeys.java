package dev.hone.trainer.recipe;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A part of what completions earn. */
public record RewardKeys(
        @Key(
                value = "Which; docs/rl.md has the formulas.",
                choices = {
                    "accuracy",
                    "length_aware_accuracy",
                    "format",
                    "thought",
                    "repetition",
                    "language",
                    "soft_overlong",
                    "java",
                    "http"
                })
        String name,

        @Key(value = "What its value is multiplied by.", fallback = "1.0")
        double weight,

        @Key("Domains whose pairs it is for; left out: all.")
        List<String> domains,

        @Key(
                value =
                        "length_aware_accuracy, soft_overlong: tokens at which it is least; left out: max_completion_length.",
                min = 1)
        @Nullable
        Integer maxLength,

        @Key(
                value =
                        "length_aware_accuracy: tokens up to which a correct answer earns 1; left out: 0.806 of max_length.",
                min = 0)
        @Nullable
        Integer controlLength,

        @Key(
                value =
                        "length_aware_accuracy: tokens from which a wrong answer is punished least; left out: 0.117 of max_length.",
                min = 1)
        @Nullable
        Integer wrongControlLength,

        @Key(
                value = "soft_overlong: tokens before max_length from which it falls; left out: 0.2 of max_length.",
                min = 1)
        @Nullable
        Integer cacheLength,

        @Key(value = "repetition: tokens of what may not be said twice.", fallback = "5", min = 1)
        int ngram,

        @Key(value = "language: the Unicode script that letters should be of.", fallback = "latin")
        String script,

        @Key(
                "thought, length_aware_accuracy: what a thought starts with, such as `<think>`; left out: `<think>` for thought, no marks for the other.")
        @Nullable
        String thinkStart,

        @Key("What a thought ends with; left out: `</think>`, where think_start is used.") @Nullable
        String thinkEnd,

        @Key("java: the full name of a class that implements RewardFunction.") @Nullable
        String className,

        @Key("http: where to send completions to.") @Nullable
        String url) {}
