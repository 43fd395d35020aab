package dev.hone.trainer.recipe;

import java.util.List;

/** When a domain is finished, and what interference does. */
public record SchedulerKeys(
        @Key(value = "Optimizer steps of a round; each round ends with a validation.", fallback = "50", min = 1)
        int roundSteps,

        @Key(
                value = "A domain is saturated when so many validations in a row gain nothing beyond the confidence"
                        + " interval.",
                fallback = "2",
                min = 1)
        int patience,

        @Key(value = "Most rounds a domain is explored for.", fallback = "6", min = 1)
        int maxRounds,

        @Key(value = "Optimizer steps in which each of a domain's mixtures is tried.", fallback = "50", min = 1)
        int trialSteps,

        @Key(
                value =
                        "What is tried, in this order and each on top of those before, when a domain makes an earlier one's"
                                + " validation significantly worse: it is explored anew with the earlier pairs seen twice as"
                                + " often, half of its own pairs, or half the learning rate.",
                choices = {"replay", "reweight", "lower_learning_rate"})
        List<String> remedies,

        @Key(
                value =
                        "What a significant drop in an earlier domain does once no remedy is left; `refuse` goes on without"
                                + " the domain that caused it.",
                fallback = "warn",
                choices = {"warn", "stop", "refuse"})
        String onInterference) {}
