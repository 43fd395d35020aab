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

        double learningRate,
        String lrSchedulerType,
        double warmupRatio,
        int warmupSteps,
        double minLrRatio,
        double weightDecay,
        double maxGradNorm)
        implements UpdateKeys {}
