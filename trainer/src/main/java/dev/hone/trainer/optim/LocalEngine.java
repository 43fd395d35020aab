package dev.hone.trainer.optim;

import dev.hone.datasets.pack.Packer;
import dev.hone.datasets.text.TokenizedPair;
import dev.hone.kernels.Device.Arrival;
import dev.hone.trainer.model.Batch;
import dev.hone.trainer.model.Transformer;
import java.util.List;

/** Computes in this process alone. */
public record LocalEngine(Transformer transformer, Optimizer optimizer) implements TrainingEngine {

    @Override
    public List<List<TokenizedPair>> pack(List<TokenizedPair> sequences) {
        return Packer.pack(sequences, transformer.maxTokens());
    }

    @Override
    public List<float[]> logprobs(List<Batch> batches, float temperature) {
        return LogprobSource.of(transformer).logprobs(batches, temperature);
    }

    /** The norm is asked for with the passes, so that the device is waited for once. */
    @Override
    public Gradient gradient(List<Pass> passes) {
        try (AskedPasses asked = ask(passes);
                Arrival norm = optimizer.askGradientNorm()) {
            List<PassResult> results = asked.results(passes);
            float[] value = new float[1];
            norm.await(value);
            return new Gradient(results, value[0]);
        }
    }

    /** Adds the gradients of some passes to those that are there; what each came to, in the order given. */
    public List<PassResult> forwardBackward(List<Pass> passes) {
        try (AskedPasses asked = ask(passes)) {
            return asked.results(passes);
        }
    }

    private AskedPasses ask(List<Pass> passes) {
        return new AskedPasses(
                passes,
                pass -> transformer.askForwardBackward(
                        pass.batch(), pass.coefficients(), pass.bonuses(), pass.temperature()));
    }

    @Override
    public void step(double learningRate) {
        optimizer.step(learningRate);
    }

    @Override
    public void clearGradients() {
        optimizer.clearGradients();
    }
}
