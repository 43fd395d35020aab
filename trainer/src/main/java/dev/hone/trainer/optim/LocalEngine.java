package dev.hone.trainer.optim;

import dev.hone.datasets.pack.Packer;
import dev.hone.datasets.text.TokenizedPair;
import dev.hone.trainer.model.Batch;
import dev.hone.trainer.model.Transformer;
import java.util.ArrayList;
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

    @Override
    public List<PassResult> forwardBackward(List<Pass> passes) {
        List<PassResult> results = new ArrayList<>(passes.size());
        for (Pass pass : passes) {
            float[] logprobs = new float[pass.batch().size()];
            float[] entropies = pass.bonuses() == null ? null : new float[logprobs.length];
            double loss = transformer.forwardBackward(
                    pass.batch(), pass.coefficients(), pass.bonuses(), pass.temperature(), logprobs, entropies);
            results.add(new PassResult(loss, logprobs, entropies));
        }
        return results;
    }

    @Override
    public double gradientNorm() {
        return optimizer.gradientNorm();
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
