package dev.hone.trainer.distributed;

import dev.hone.datasets.pack.Packer;
import dev.hone.datasets.text.TokenizedPair;
import dev.hone.trainer.model.Batch;
import dev.hone.trainer.model.Parameters;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.optim.LocalEngine;
import dev.hone.trainer.optim.Optimizer;
import dev.hone.trainer.optim.OptimizerOptions;
import dev.hone.trainer.optim.Pass;
import dev.hone.trainer.optim.PassResult;
import dev.hone.trainer.optim.TrainingEngine;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import tools.jackson.core.type.TypeReference;

/**
 * Data parallel training as rank 0 sees it: each process computes some of a step's passes, the gradients are added up,
 * and every process makes the same update. The workers' weights and moments follow those here; where these changed by
 * other means than an update, the workers are given them anew.
 */
public final class DistributedEngine implements TrainingEngine {

    private static final TypeReference<List<float[]>> ARRAYS = new TypeReference<>() {};
    private static final TypeReference<List<PassResult>> RESULTS = new TypeReference<>() {};
    private static final long NEVER = -1;

    private final Collective collective;
    private final Transformer transformer;
    private final Optimizer optimizer;
    private final OptimizerOptions options;
    private final LocalEngine own;
    private long replicated = NEVER;

    /** @param options of {@code optimizer} */
    DistributedEngine(Collective collective, Transformer transformer, Optimizer optimizer, OptimizerOptions options) {
        this.collective = collective;
        this.transformer = transformer;
        this.optimizer = optimizer;
        this.options = options;
        this.own = new LocalEngine(transformer, optimizer);
    }

    @Override
    public List<List<TokenizedPair>> pack(List<TokenizedPair> sequences) {
        List<List<TokenizedPair>> bins = new ArrayList<>();
        for (List<Integer> share : Shares.deal(sequences, TokenizedPair::length, collective.worldSize())) {
            bins.addAll(Packer.pack(Shares.of(share, sequences), transformer.maxTokens()));
        }
        return bins;
    }

    @Override
    public List<float[]> logprobs(List<Batch> batches, float temperature) {
        replicate();
        return divided(
                batches,
                Batch::size,
                share -> new Order.Logprobs(share, temperature),
                share -> own.logprobs(share, temperature),
                ARRAYS);
    }

    @Override
    public List<PassResult> forwardBackward(List<Pass> passes) {
        replicate();
        List<PassResult> results =
                divided(passes, pass -> pass.batch().size(), Order.Backward::new, own::forwardBackward, RESULTS);
        collective.allReduce(parameters().gradients());
        return results;
    }

    /** Has each process do its share of some work. */
    private <W, R> List<R> divided(
            List<W> work,
            ToLongFunction<W> size,
            Function<List<W>, Order> order,
            Function<List<W>, List<R>> ownWork,
            TypeReference<List<R>> type) {
        List<List<Integer>> shares = Shares.deal(work, size, collective.worldSize());
        collective.scatter(shares.stream()
                .map(share -> Order.bytes(order.apply(Shares.of(share, work))))
                .toList());
        List<List<R>> results = new ArrayList<>();
        results.add(ownWork.apply(Shares.of(shares.get(0), work)));
        collective.gather(new byte[0]).stream().skip(1).forEach(answer -> results.add(Order.answer(answer, type)));
        return Shares.whole(shares, results);
    }

    @Override
    public double gradientNorm() {
        return own.gradientNorm();
    }

    @Override
    public void step(double learningRate) {
        everywhere(new Order.Update(learningRate));
        own.step(learningRate);
        replicated = parameters().changes();
    }

    @Override
    public void clearGradients() {
        everywhere(new Order.Clear());
        own.clearGradients();
    }

    /** Gives the workers this process's weights and moments, where they may have others. */
    private void replicate() {
        if (replicated == parameters().changes()) {
            return;
        }
        everywhere(new Order.Replicate(options, optimizer.steps()));
        collective.broadcast(parameters().trained());
        optimizer.state().values().forEach(collective::broadcast);
        replicated = parameters().changes();
    }

    private void everywhere(Order order) {
        byte[] bytes = Order.bytes(order);
        collective.scatter(Collections.nCopies(collective.worldSize(), bytes));
    }

    private Parameters parameters() {
        return transformer.parameters();
    }
}
