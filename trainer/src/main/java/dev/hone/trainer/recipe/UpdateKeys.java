package dev.hone.trainer.recipe;

/** How an optimizer updates weights. */
public interface UpdateKeys {
    double learningRate();

    String lrSchedulerType();

    double warmupRatio();

    int warmupSteps();

    double minLrRatio();

    double weightDecay();

    double maxGradNorm();
}
