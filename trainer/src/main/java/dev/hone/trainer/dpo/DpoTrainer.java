package dev.hone.trainer.dpo;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Preference;
import dev.hone.datasets.text.LossMask;
import dev.hone.datasets.text.PairFormat;
import dev.hone.datasets.text.TokenizedPair;
import dev.hone.trainer.generate.ShuffledPasses;
import dev.hone.trainer.model.Batch;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.optim.LogprobSource;
import dev.hone.trainer.optim.NonFiniteLoss;
import dev.hone.trainer.optim.Pass;
import dev.hone.trainer.optim.TrainingEngine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Direct preference optimization (Rafailov et al. 2023): makes the chosen response likelier than the rejected one, as
 * compared with a reference.
 */
public final class DpoTrainer {

    /** A preference's two responses, each after the prompt. */
    private record Both(TokenizedPair chosen, TokenizedPair rejected) {}

    /** All that follows the prompt. */
    private static final LossMask RESPONSE = new LossMask(false, true);

    private final LogprobSource reference;
    private final TrainingEngine engine;
    private final ShuffledPasses<Both> preferences;
    private final DpoOptions options;

    /**
     * @param policy whose weights {@code engine} updates
     * @param reference the model that the policy is compared with
     * @throws UserError where there is no preference, or one is longer than the model's buffers or positions
     */
    public DpoTrainer(
            Transformer policy,
            LogprobSource reference,
            PairFormat format,
            TrainingEngine engine,
            List<Preference> preferences,
            DpoOptions options) {
        if (preferences.isEmpty()) {
            throw new UserError("There is no preference to learn from; dpo.data needs at least one");
        }
        this.reference = reference;
        this.engine = engine;
        this.options = options;
        int longest = Math.min(policy.maxTokens(), policy.config().maxPositions());
        List<Both> both = preferences.stream()
                .map(one -> new Both(
                        tokenized(format, one, one.chosen(), longest), tokenized(format, one, one.rejected(), longest)))
                .toList();
        this.preferences = new ShuffledPasses<>(both, options.seed());
    }

    private static TokenizedPair tokenized(PairFormat format, Preference preference, String response, int longest) {
        TokenizedPair tokenized = format.tokenize(preference.id(), preference.asked(), response, RESPONSE);
        if (tokenized.length() > longest) {
            throw new UserError(
                    "Preference %s has %d tokens, more than the %d of a pass; shorten it or raise max_length"
                            .formatted(preference.id(), tokenized.length(), longest));
        }
        return tokenized;
    }

    /**
     * One optimizer step.
     *
     * @param step counted from 0; which preferences it learns from follows from it
     * @throws NonFiniteLoss where the loss or the gradient is not finite; the weights are then as they were
     */
    public DpoStats step(long step) {
        long start = System.nanoTime();
        int count =
                Math.min(options.preferencesPerStep(), preferences.elements().size());
        List<Both> chosen = preferences.step(step, count);
        List<TokenizedPair> sequences = new ArrayList<>();
        for (Both both : chosen) {
            for (TokenizedPair one : List.of(both.chosen(), both.rejected())) {
                // The id leads back: chosen responses have even places, rejected ones odd.
                sequences.add(new TokenizedPair(Integer.toString(sequences.size()), one.tokens(), one.learned()));
            }
        }
        List<Batch> batches = engine.pack(sequences).stream().map(Batch::pack).toList();
        double[] ratios = new double[sequences.size()];
        addLogprobs(engine, batches, 1, ratios);
        addLogprobs(reference, batches, -1, ratios);
        double[] slopes = new double[ratios.length];
        double loss = 0;
        double rightWay = 0;
        double chosenReward = 0;
        double rejectedReward = 0;
        int n = chosen.size();
        for (int i = 0; i < n; i++) {
            double c = ratios[2 * i];
            double r = ratios[2 * i + 1];
            DpoLoss.Value value = options.loss()
                    .of(
                            c,
                            responseLength(chosen.get(i).chosen()),
                            r,
                            responseLength(chosen.get(i).rejected()),
                            options.beta(),
                            options.labelSmoothing());
            slopes[2 * i] = value.byChosen() / n;
            slopes[2 * i + 1] = value.byRejected() / n;
            loss += value.loss() / n;
            rightWay += c > r ? 1.0 / n : 0;
            chosenReward += options.beta() * c / n;
            rejectedReward += options.beta() * r / n;
        }
        double gradNorm = engine.gradient(batches.stream()
                        .map(batch -> new Pass(batch, coefficients(batch, slopes), null, 1))
                        .toList())
                .norm();
        if (!Double.isFinite(loss) || !Double.isFinite(gradNorm)) {
            engine.clearGradients();
            throw new NonFiniteLoss(
                    step,
                    loss,
                    gradNorm,
                    chosen.stream().map(both -> both.chosen().id()).toList());
        }
        double learningRate = options.schedule().valueAt(Math.toIntExact(step), 0);
        engine.step(learningRate);
        return new DpoStats(
                loss,
                rightWay,
                chosenReward - rejectedReward,
                chosenReward,
                rejectedReward,
                learningRate,
                gradNorm,
                batches.stream().mapToLong(Batch::size).sum(),
                (System.nanoTime() - start) / 1e9);
    }

    private static int responseLength(TokenizedPair one) {
        return one.length() - one.promptLength();
    }

    /** Adds each sequence's log-probability, times {@code sign}. */
    private static void addLogprobs(LogprobSource model, List<Batch> batches, int sign, double[] sums) {
        List<float[]> logprobs = model.logprobs(batches, 1);
        for (int b = 0; b < batches.size(); b++) {
            Batch batch = batches.get(b);
            for (int s = 0; s < batch.sequences(); s++) {
                int place = Integer.parseInt(batch.ids().get(s));
                for (int t = batch.offsets()[s]; t < batch.offsets()[s + 1]; t++) {
                    sums[place] += (double) sign * logprobs.get(b)[t];
                }
            }
        }
    }

    private static float[] coefficients(Batch batch, double[] slopes) {
        float[] coefficients = new float[batch.size()];
        for (int s = 0; s < batch.sequences(); s++) {
            Arrays.fill(coefficients, batch.offsets()[s], batch.offsets()[s + 1], (float)
                    -slopes[Integer.parseInt(batch.ids().get(s))]);
        }
        return coefficients;
    }
}
