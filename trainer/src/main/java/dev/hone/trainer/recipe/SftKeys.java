package dev.hone.trainer.recipe;

/** Supervised fine-tuning; names are TRL's where it has one. */
public record SftKeys(
        @Key(value = "Optimizer steps; -1 takes num_train_epochs.", fallback = "-1", min = -1)
        int maxSteps,

        @Key(value = "Passes over the data where max_steps is -1.", fallback = "3.0", min = 0)
        double numTrainEpochs,

        @Key(value = "Tokens in an optimizer step, prompts included.", fallback = "4096", min = 1)
        int tokensPerStep,

        @Key(value = "Parts an optimizer step is computed in, to save memory.", fallback = "1", min = 1)
        int gradientAccumulationSteps,

        @Key(value = "Longest pair, in tokens.", fallback = "512", min = 2)
        int maxLength,

        @Key(
                value = "What happens to longer pairs: `raise` refuses the first of them before anything is computed,"
                        + " `drop` leaves them out and says how many they are. None is cut short: its answer would end in"
                        + " the middle.",
                fallback = "raise",
                choices = {"raise", "drop"})
        String excessLengthStrategy,

        @Key(
                value = "Learn only what the assistant wrote, in every turn of a conversation; false: all tokens.",
                fallback = "true")
        boolean assistantOnlyLoss,

        @Key(value = "Learn only the last answer of a conversation, not earlier ones.", fallback = "false")
        boolean completionOnlyLoss,

        @Key(
                value = "Peak learning rate. The default suits all weights of a model that can already do something;"
                        + " adapters take about ten times as much (`2.0e-4`), a small model from scratch more"
                        + " (`1.0e-3`).",
                fallback = "2.0e-5",
                min = 0)
        double learningRate,

        @Fallback("cosine") String lrSchedulerType,
        @Fallback("0.05") double warmupRatio,
        int warmupSteps,
        double minLrRatio,

        @Key(
                value =
                        "`adamw` keeps AdamW's moments in float32, 8 bytes a trained weight; `adamw_8bit` in 8 bits, 2 bytes,"
                                + " those of norms and biases in float32. For `dpo` and `rl` too.",
                fallback = "adamw",
                choices = {"adamw", "adamw_8bit"})
        String optim,

        @Fallback("0.01") double weightDecay,

        @Key(value = "AdamW's first decay rate.", fallback = "0.9", min = 0, max = 1)
        double adamBeta1,

        @Key(value = "AdamW's second decay rate.", fallback = "0.95", min = 0, max = 1)
        double adamBeta2,

        @Key(value = "AdamW's epsilon.", fallback = "1.0e-8", min = 0)
        double adamEpsilon,

        double maxGradNorm,

        @Key(value = "Recompute activations in the backward pass instead of keeping them.", fallback = "false")
        boolean gradientCheckpointing,

        @Key(value = "Steps between evaluations of the held-out loss; 0 evaluates at the end.", fallback = "0", min = 0)
        int evalSteps,

        @Key(
                value =
                        "In a run on `data`: evaluations in a row without a lower held-out loss after which fine-tuning ends,"
                                + " as transformers' EarlyStoppingCallback has it. Whether it ends so or by its steps, the run"
                                + " goes on with the weights whose loss was the least. It needs `eval_steps` and"
                                + " `checkpoint.metric_for_best_model: eval_loss`. 0: all steps, and the last weights.",
                fallback = "0",
                min = 0)
        int earlyStoppingPatience)
        implements UpdateKeys {

    public SftKeys withLearningRate(double other) {
        return new SftKeys(
                maxSteps,
                numTrainEpochs,
                tokensPerStep,
                gradientAccumulationSteps,
                maxLength,
                excessLengthStrategy,
                assistantOnlyLoss,
                completionOnlyLoss,
                other,
                lrSchedulerType,
                warmupRatio,
                warmupSteps,
                minLrRatio,
                optim,
                weightDecay,
                adamBeta1,
                adamBeta2,
                adamEpsilon,
                maxGradNorm,
                gradientCheckpointing,
                evalSteps,
                earlyStoppingPatience);
    }
}
