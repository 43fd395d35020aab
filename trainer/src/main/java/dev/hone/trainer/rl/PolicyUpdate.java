package dev.hone.trainer.rl;

import dev.hone.datasets.text.TokenizedPair;
import dev.hone.trainer.model.Batch;
import dev.hone.trainer.optim.Gradient;
import dev.hone.trainer.optim.LogprobSource;
import dev.hone.trainer.optim.NonFiniteLoss;
import dev.hone.trainer.optim.Pass;
import dev.hone.trainer.optim.PassResult;
import dev.hone.trainer.optim.TrainingEngine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The updates that follow a rollout. */
final class PolicyUpdate {

    /**
     * A completion to learn from; arrays are {@code [completion tokens]}.
     *
     * @param weight of each of its tokens' losses in the step's
     * @param old log-probabilities before the first update
     * @param reference those of the reference; null without one in the loss
     * @param corrections see {@link PolicyLoss#correction}; null for none
     * @param bonus what a nat of the entropy of each of its tokens is worth
     */
    record Lesson(
            Rollout rollout,
            double advantage,
            double weight,
            float[] old,
            float @Nullable [] reference,
            double @Nullable [] corrections,
            double bonus) {}

    /**
     * What the updates came to.
     *
     * @param loss at the last iteration
     * @param kl mean over tokens at the last iteration
     * @param clipFraction over all iterations
     * @param gradNorm mean over iterations
     * @param mismatch largest difference between a token's log-probability in the rollout and in training
     */
    record Outcome(double loss, double kl, double clipFraction, double gradNorm, double mismatch) {}

    private final TrainingEngine engine;
    private final LossOptions options;
    private final float temperature;

    PolicyUpdate(TrainingEngine engine, LossOptions options, float temperature) {
        this.engine = engine;
        this.options = options;
        this.temperature = temperature;
    }

    /** @throws NonFiniteLoss where the loss or the gradient is not finite; the weights are then those before the update */
    Outcome run(long step, List<Lesson> lessons, int iterations, double learningRate) {
        List<Batch> batches = batches(lessons.stream().map(Lesson::rollout).toList());
        double loss = 0;
        double kl = 0;
        double gradNorm = 0;
        double mismatch = 0;
        long clipped = 0;
        long tokens = lessons.stream().mapToLong(one -> one.rollout().length()).sum();
        for (int iteration = 0; iteration < iterations; iteration++) {
            loss = 0;
            kl = 0;
            // Before the first update the policy is the one that drew the tokens.
            @Nullable List<float[]> now = iteration == 0 ? null : engine.logprobs(batches, temperature);
            List<Pass> passes = new ArrayList<>();
            for (int b = 0; b < batches.size(); b++) {
                Batch batch = batches.get(b);
                float[] coefficients = new float[batch.size()];
                float[] bonuses = new float[batch.size()];
                for (int s = 0; s < batch.sequences(); s++) {
                    Lesson lesson = lessons.get(Integer.parseInt(batch.ids().get(s)));
                    int from = firstTarget(batch, s, lesson.rollout());
                    int length = lesson.rollout().length();
                    PolicyLoss.Tokens computed = PolicyLoss.of(
                            options,
                            lesson.advantage(),
                            now == null ? lesson.old() : Arrays.copyOfRange(now.get(b), from, from + length),
                            lesson.old(),
                            lesson.reference(),
                            lesson.corrections());
                    for (int t = 0; t < length; t++) {
                        loss += lesson.weight() * computed.losses()[t];
                        coefficients[from + t] = (float) (-lesson.weight() * computed.slopes()[t]);
                    }
                    Arrays.fill(bonuses, from, from + length, (float) lesson.bonus());
                    kl += computed.kl();
                    clipped += computed.clipped();
                }
                passes.add(new Pass(batch, coefficients, options.entropyCoef() == 0 ? null : bonuses, temperature));
            }
            Gradient gradient = engine.gradient(passes);
            List<PassResult> results = gradient.passes();
            for (int b = 0; b < batches.size(); b++) {
                float[] bonuses = passes.get(b).bonuses();
                float[] entropies = results.get(b).entropies();
                if (bonuses != null && entropies != null) {
                    loss -= dot(bonuses, entropies);
                }
                if (iteration == 0) {
                    mismatch = Math.max(
                            mismatch,
                            mismatch(batches.get(b), lessons, results.get(b).logprobs()));
                }
            }
            double norm = gradient.norm();
            if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
                engine.clearGradients();
                throw new NonFiniteLoss(
                        step,
                        loss,
                        norm,
                        lessons.stream()
                                .map(one -> one.rollout().pair().id())
                                .distinct()
                                .toList());
            }
            gradNorm += norm / iterations;
            engine.step(learningRate);
        }
        double all = Math.max(1, tokens);
        return new Outcome(loss, kl / all, clipped / (all * iterations), gradNorm, mismatch);
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    private static double mismatch(Batch batch, List<Lesson> lessons, float[] trained) {
        double largest = 0;
        for (int s = 0; s < batch.sequences(); s++) {
            Rollout rollout = lessons.get(Integer.parseInt(batch.ids().get(s))).rollout();
            int from = firstTarget(batch, s, rollout);
            for (int t = 0; t < rollout.length(); t++) {
                largest = Math.max(
                        largest,
                        Math.abs((double) trained[from + t]
                                - rollout.completion().logprobs()[t]));
            }
        }
        return largest;
    }

    /**
     * Each completion's log-probabilities by a model.
     *
     * @return an array {@code [completion tokens]} for each rollout
     */
    List<float[]> logprobs(LogprobSource model, List<Rollout> rollouts) {
        float[][] logprobs = new float[rollouts.size()][];
        List<Batch> batches = batches(rollouts);
        List<float[]> all = model.logprobs(batches, temperature);
        for (int b = 0; b < batches.size(); b++) {
            Batch batch = batches.get(b);
            for (int s = 0; s < batch.sequences(); s++) {
                int i = Integer.parseInt(batch.ids().get(s));
                int from = firstTarget(batch, s, rollouts.get(i));
                logprobs[i] = Arrays.copyOfRange(
                        all.get(b), from, from + rollouts.get(i).length());
            }
        }
        return List.of(logprobs);
    }

    /** Where the first token of a completion is predicted. */
    private static int firstTarget(Batch batch, int sequence, Rollout rollout) {
        return batch.offsets()[sequence] + rollout.prompt().length - 1;
    }

    /** The sequences' ids are their places in the list. */
    private List<Batch> batches(List<Rollout> rollouts) {
        List<TokenizedPair> sequences = new ArrayList<>();
        for (Rollout rollout : rollouts) {
            sequences.add(
                    new TokenizedPair(Integer.toString(sequences.size()), rollout.tokens(), rollout.prompt().length));
        }
        return engine.pack(sequences).stream().map(Batch::pack).toList();
    }
}
