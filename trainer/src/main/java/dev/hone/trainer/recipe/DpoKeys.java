package dev.hone.trainer.recipe;

import java.nio.file.Path;
import java.util.List;

/** Direct preference optimization; names are TRL's where it has one. */
public record DpoKeys(
        @Key("JSONL files of preferences, `{\"prompt\": ..., \"chosen\": ..., \"rejected\": ...}` on each line.")
        List<Path> data,

        @Key(
                value = "The loss; docs/rl.md has the formulas.",
                fallback = "sigmoid",
                choices = {"sigmoid", "robust", "hinge", "ipo"})
        String lossType,

        @Key(value = "How strongly the policy is held to the model it starts from.", fallback = "0.1", min = 0)
        double beta,

        @Key(
                value = "robust: the share of preferences taken to be the wrong way round.",
                fallback = "0.0",
                min = 0,
                max = 0.5)
        double labelSmoothing,

        @Key(value = "Optimizer steps; -1 takes num_train_epochs.", fallback = "-1", min = -1)
        int maxSteps,

        @Key(value = "Passes over the preferences where max_steps is -1.", fallback = "1.0", min = 0)
        double numTrainEpochs,

        @Key(value = "Preferences a step.", fallback = "16", min = 1)
        int preferencesPerStep,

        @Key(value = "Peak learning rate.", fallback = "1.0e-6", min = 0)
        double learningRate,

        @Key(
                value = "How the learning rate moves after warm-up.",
                fallback = "linear",
                choices = {"cosine", "linear", "constant", "warmup_stable_decay"})
        String lrSchedulerType,

        @Key(value = "Share of the steps in which the learning rate rises from 0.", fallback = "0.0", min = 0, max = 1)
        double warmupRatio,

        @Key(
                value = "Steps in which the learning rate rises from 0; above 0 it takes the place of `warmup_ratio`.",
                fallback = "0",
                min = 0)
        int warmupSteps,

        @Key(
                value = "What the learning rate falls to, as a share of the peak; `cosine` with it is transformers'"
                        + " `cosine_with_min_lr`, and this its `min_lr_rate`.",
                fallback = "0.0",
                min = 0,
                max = 1)
        double minLrRatio,

        @Key(value = "AdamW's decoupled decay of weight matrices.", fallback = "0.0", min = 0)
        double weightDecay,

        @Key(value = "Gradients are scaled down to this norm; 0 leaves them.", fallback = "1.0", min = 0)
        double maxGradNorm)
        implements UpdateKeys {}
