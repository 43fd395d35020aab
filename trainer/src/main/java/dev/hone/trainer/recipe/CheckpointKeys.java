package dev.hone.trainer.recipe;

import org.jspecify.annotations.Nullable;

/** How often a run is saved, and what ends one that does not go on; docs/checkpoints.md says more. */
public record CheckpointKeys(
        @Key(value = "Optimizer steps between checkpoints; every phase ends with one.", fallback = "100", min = 1)
        int saveSteps,

        @Key(value = "Newest checkpoints kept.", fallback = "2", min = 1)
        int saveTotalLimit,

        @Key(
                value = "Checkpoints whose step is a multiple of this are kept for good; 0 keeps none for that.",
                fallback = "0",
                min = 0)
        int keepEvery,

        @Key(
                value = "Keep the best checkpoint by this as well: `eval_loss` (the least, of `evaluation.data`),"
                        + " `accuracy` (the greatest, over all benchmarks together) or `reward` (the greatest, of `rl`);"
                        + " left out: none.",
                choices = {"eval_loss", "accuracy", "reward"})
        @Nullable
        String metricForBestModel,

        @Key(
                "Where checkpoints and what else a run needs are stored too, as `s3://bucket/runs/first`; left out: only on"
                        + " this disk.")
        @Nullable
        String storage,

        @Key(
                value = "Copy what is saved in memory and write it while training goes on; takes as much of the"
                        + " host's memory as the trained weights and the optimizer's state.",
                fallback = "true")
        boolean inBackground,

        @Key(
                value = "Seconds a run that a signal stops may take to save; then it ends at once, unsaved.",
                fallback = "300.0",
                min = 0.1)
        double stopTimeout,

        @Key(
                value = "Seconds without a sign of life after which all threads' stacks are written down; after twice"
                        + " as many the run ends. 0: never.",
                fallback = "1800.0",
                min = 0)
        double hangTimeout) {}
