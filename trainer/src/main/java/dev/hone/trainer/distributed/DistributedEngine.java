package dev.hone.trainer.distributed;

import dev.hone.datasets.pack.Packer;
import dev.hone.datasets.text.TokenizedPair;
import dev.hone.trainer.model.Batch;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.optim.Gradient;
import dev.hone.trainer.optim.LocalEngine;
import dev.hone.trainer.optim.Optimizer;
import dev.hone.trainer.optim.OptimizerOptions;
import dev.hone.trainer.optim.Pass;
import dev.hone.trainer.optim.PassResult;
import dev.hone.trainer.optim.TrainingEngine;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.type.TypeReference;

/**
 * Data parallel training as rank 0 sees it: each process computes some of a step's passes, the gradients are added up,
 * and every process makes the same update. The workers' weights and moments follow those here; where these changed by
 * other means than an update, the workers are given them anew.
 */
final class DistributedEngine implements TrainingEngine {

    private static final TypeReference<List<PassResult>> RESULTS = new TypeReference<>() {};

    private final Workers workers;
    private final Transformer transformer;
    private final Optimizer optimizer;
    private final OptimizerOptions options;
    private final LocalEngine own;
    private boolean replicated;

    /** @param options of {@code optimizer} */
    DistributedEngine(Workers workers, Transformer transformer, Optimizer optimizer, OptimizerOptions options) {
        this.workers = workers;
        this.transformer = transformer;
        this.optimizer = optimizer;
        this.options = options;
        this.own = new LocalEngine(transformer, optimizer);
    }

    @Override
    public List<List<TokenizedPair>> pack(List<TokenizedPair> sequences) {
        List<List<TokenizedPair>> bins = new ArrayList<>();
        for (List<Integer> share : Shares.deal(sequences, TokenizedPair::length, workers.worldSize())) {
            bins.addAll(Packer.pack(Shares.of(share, sequences), transformer.maxTokens()));
        }
        return bins;
    }

    @Override
    public List<float[]> logprobs(List<Batch> batches, float temperature) {
        workers.replicate(transformer.parameters());
        return DistributedReference.logprobs(workers, own, batches, temperature, false);
    }

    @Override
    public Gradient gradient(List<Pass> passes) {
        workers.replicate(transformer.parameters());
        if (!replicated) {
            // The first of a stage, which may have been resumed.
            workers.all(new Order.NewOptimizer(options, optimizer.steps()));
            optimizer.state().values().forEach(workers::broadcast);
            replicated = true;
        }
        List<PassResult> results = workers.divide(
                passes,
                pass -> pass.batch().size(),
                Order.Backward::new,
                share -> own.forwardBackward(Shares.of(share, passes)),
                RESULTS,
                () -> {});
        workers.allReduce(transformer.parameters().gradients());
        return new Gradient(results, optimizer.gradientNorm());
    }

    @Override
    public void step(double learningRate) {
        workers.all(new Order.Update(learningRate));
        own.step(learningRate);
        workers.replicated(transformer.parameters());
    }

    @Override
    public void clearGradients() {
        workers.all(new Order.Clear());
        own.clearGradients();
    }
}
