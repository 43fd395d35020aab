package dev.hone.trainer.sft;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pack.Packer;
import dev.hone.datasets.text.TokenizedPair;
import dev.hone.trainer.model.Batch;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.optim.Gradient;
import dev.hone.trainer.optim.NonFiniteLoss;
import dev.hone.trainer.optim.Pass;
import dev.hone.trainer.optim.PassResult;
import dev.hone.trainer.optim.TrainingEngine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Supervised fine-tuning: cross-entropy on responses, prompts masked. A step's gradient is that of the mean over all its
 * loss tokens, each counting as much as its pair weighs, however many passes they are packed into, so accumulating equals one large batch.
 */
public final class SftTrainer {

    private final TrainingEngine engine;
    private final SftOptions options;
    private final DataOrder order;

    /**
     * @param transformer whose weights {@code engine} updates
     * @param pairs what to learn, at least one
     * @throws UserError where a pair is longer than {@code max_length} or than the transformer's buffers or positions
     */
    public SftTrainer(Transformer transformer, TrainingEngine engine, List<TokenizedPair> pairs, SftOptions options) {
        requireSome(pairs);
        requireFit(
                pairs,
                options.maxLength(),
                Math.min(transformer.maxTokens(), transformer.config().maxPositions()));
        this.engine = engine;
        this.options = options;
        this.order = new DataOrder(pairs, options.tokensPerStep(), options.seed());
    }

    /** Throws {@link UserError} where there is nothing to learn. */
    public static void requireSome(List<TokenizedPair> pairs) {
        if (pairs.isEmpty()) {
            throw new UserError("There are no pairs to train on; widen the filters or give more data");
        }
    }

    /**
     * Throws {@link UserError} naming the first pair longer than {@code maxLength} or than the model takes.
     *
     * @param reach tokens of the longest sequence that the model's buffers and positions take
     */
    public static void requireFit(List<TokenizedPair> pairs, int maxLength, int reach) {
        int longest = Math.min(maxLength, reach);
        for (TokenizedPair pair : pairs) {
            if (pair.length() > longest) {
                String limit = longest == maxLength
                        ? "max_length " + longest + "; raise max_length, or"
                        : "the " + longest + " that the model reaches;";
                throw new UserError(
                        "Pair %s has %d tokens, longer than %s leave such pairs out by excess_length_strategy: drop"
                                .formatted(pair.id(), pair.length(), limit));
            }
        }
    }

    /** Optimizer steps of one pass over {@code pairs}. */
    public static int stepsPerEpoch(List<TokenizedPair> pairs, int tokensPerStep) {
        return new DataOrder(pairs, tokensPerStep, 0).stepsPerEpoch();
    }

    /**
     * One optimizer step on the pairs that follow from its number.
     *
     * @param step counted from 0
     * @throws NonFiniteLoss where the loss or the gradient is not finite; the weights are then as they were
     */
    public StepStats step(long step) {
        long start = System.nanoTime();
        List<TokenizedPair> pairs = order.step(step);
        List<List<TokenizedPair>> bins = engine.pack(pairs);
        List<Batch> batches = bins.stream().map(Batch::pack).toList();
        long tokens = batches.stream().mapToLong(Batch::size).sum();
        long lossTokens = batches.stream().mapToLong(Batch::lossTokens).sum();
        double weight = 0;
        for (TokenizedPair pair : pairs) {
            weight += (double) pair.weight() * pair.lossTokens();
        }
        List<Pass> passes = new ArrayList<>();
        for (int i = 0; i < bins.size(); i++) {
            Batch batch = batches.get(i);
            passes.add(new Pass(batch, coefficients(bins.get(i), batch, (float) weight), null, 1));
        }
        Gradient gradient = engine.gradient(passes);
        double loss = 0;
        for (PassResult result : gradient.passes()) {
            loss += result.loss();
        }
        double gradNorm = gradient.norm();
        if (!Double.isFinite(loss) || !Double.isFinite(gradNorm)) {
            engine.clearGradients();
            throw new NonFiniteLoss(
                    step, loss, gradNorm, pairs.stream().map(TokenizedPair::id).toList());
        }
        double learningRate = options.schedule().valueAt(Math.toIntExact(step), Math.toIntExact(order.epoch(step)));
        engine.step(learningRate);
        double epoch = (step + 1) / (double) order.stepsPerEpoch();
        return new StepStats(
                step, loss, learningRate, gradNorm, tokens, lossTokens, epoch, (System.nanoTime() - start) / 1e9);
    }

    /** Mean cross-entropy over the responses' tokens, in nats. */
    public static double evaluateLoss(Transformer transformer, List<TokenizedPair> pairs) {
        double sum = 0;
        long lossTokens = 0;
        for (List<TokenizedPair> bin : Packer.pack(pairs, transformer.maxTokens())) {
            Batch batch = Batch.pack(bin);
            float[] logprobs = new float[batch.size()];
            transformer.logprobs(batch, 1, logprobs, null);
            for (float logprob : logprobs) {
                sum -= logprob;
            }
            lossTokens += batch.lossTokens();
        }
        return sum / lossTokens;
    }

    /** Of each token: its pair's weight over {@code total}. */
    private static float[] coefficients(List<TokenizedPair> pairs, Batch batch, float total) {
        float[] coefficients = new float[batch.size()];
        for (int s = 0; s < pairs.size(); s++) {
            Arrays.fill(
                    coefficients,
                    batch.offsets()[s],
                    batch.offsets()[s + 1],
                    pairs.get(s).weight() / total);
        }
        return coefficients;
    }
}
