package dev.hone.trainer.recipe;

import org.jspecify.annotations.Nullable;

/** How curation spends its attempts where it does not attempt all candidates. */
public record ScreenKeys(
        @Key(
                value = "Candidates attempted at random first, which the network learns from.",
                fallback = "400",
                min = 100)
        int sample,

        @Key(
                value = "Teachable pairs wanted of each domain: attempts end once there are so many. Give this,"
                        + " `max_attempts` or both.",
                min = 1)
        @Nullable
        Integer pairs,

        @Key(value = "Most attempts in each domain, those at the sample included.", min = 1) @Nullable
        Integer maxAttempts) {}
