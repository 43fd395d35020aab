package dev.hone.trainer.recipe;

/** How an optimizer updates weights: the keys that all sections have which train. */
public interface UpdateKeys {

    @Key(value = "Peak learning rate.", fallback = "1.0e-6", min = 0)
    double learningRate();

    @Key(
            value = "How the learning rate moves after warm-up.",
            fallback = "linear",
            choices = {"cosine", "linear", "constant", "warmup_stable_decay"})
    String lrSchedulerType();

    @Key(value = "Share of the steps in which the learning rate rises from 0.", fallback = "0.0", min = 0, max = 1)
    double warmupRatio();

    @Key(
            value = "Steps in which the learning rate rises from 0; above 0 it takes the place of `warmup_ratio`.",
            fallback = "0",
            min = 0)
    int warmupSteps();

    @Key(
            value = "What the learning rate falls to, as a share of the peak; `cosine` with it is transformers'"
                    + " `cosine_with_min_lr`, and this its `min_lr_rate`.",
            fallback = "0.0",
            min = 0,
            max = 1)
    double minLrRatio();

    @Key(value = "AdamW's decoupled decay of weight matrices.", fallback = "0.0", min = 0)
    double weightDecay();

    @Key(value = "Gradients are scaled down to this norm; 0 leaves them.", fallback = "1.0", min = 0)
    double maxGradNorm();
}
