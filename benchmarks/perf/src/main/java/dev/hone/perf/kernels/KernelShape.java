package dev.hone.perf.kernels;

import dev.hone.perf.models.ModelSize;
import dev.hone.trainer.model.ModelConfig;

/** The shapes a kernel meets in a training step: sequences of one length through a model. */
record KernelShape(ModelSize size, int sequences, int length) {

    int tokens() {
        return sequences * length;
    }

    ModelConfig config() {
        return size.config();
    }

    /** Weights the optimizer updates: those of one layer's products. */
    long weights() {
        long hidden = config().hiddenSize();
        return hidden * (config().qkvSize() + config().querySize() + 3L * config().intermediateSize());
    }

    @Override
    public String toString() {
        return size.label() + ", " + sequences + " x " + length + " tokens";
    }
}
