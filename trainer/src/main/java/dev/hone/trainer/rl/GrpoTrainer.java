package dev.hone.trainer.rl;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pack.Packer;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.text.TokenizedPair;
import dev.hone.datasets.text.Tokenizer;
import dev.hone.datasets.verify.Verdict;
import dev.hone.datasets.verify.Verifiers;
import dev.hone.trainer.generate.Completion;
import dev.hone.trainer.generate.GenerationProgress;
import dev.hone.trainer.generate.Generator;
import dev.hone.trainer.generate.Prompt;
import dev.hone.trainer.generate.SamplingOptions;
import dev.hone.trainer.generate.Seeds;
import dev.hone.trainer.model.Batch;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.optim.NonFiniteLoss;
import dev.hone.trainer.optim.Optimizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * Group relative policy optimization (Shao et al. 2024): draws a group of completions of each prompt, has each judged by
 * the pair's verifier, and makes those better than their group's mean likelier. Rollouts and training use the same
 * weights in the same memory.
 */
public final class GrpoTrainer {

    private final Transformer policy;
    private final @Nullable Transformer reference;
    private final Generator generator;
    private final Tokenizer tokenizer;
    private final Optimizer optimizer;
    private final ISchedule schedule;
    private final PromptSource prompts;
    private final GrpoOptions options;
    private final PolicyLoss policyLoss;
    private final RolloutLog log;

    /**
     * @param reference the model the KL divergence holds the policy to; needed where {@code beta} is above 0
     * @param generator over {@code policy}
     * @param samples the directory that completions are logged to
     */
    public GrpoTrainer(
            Transformer policy,
            @Nullable Transformer reference,
            Generator generator,
            Tokenizer tokenizer,
            Optimizer optimizer,
            ISchedule schedule,
            PromptSource prompts,
            GrpoOptions options,
            Path samples) {
        if (options.beta() > 0 && reference == null) {
            throw new IllegalArgumentException("beta is " + options.beta() + " but there is no reference model");
        }
        this.policy = policy;
        this.reference = reference;
        this.generator = generator;
        this.tokenizer = tokenizer;
        this.optimizer = optimizer;
        this.schedule = schedule;
        this.prompts = prompts;
        this.options = options;
        this.policyLoss = new PolicyLoss(options.epsilon(), options.epsilonHigh(), options.beta());
        this.log = new RolloutLog(samples);
    }

    /**
     * One step: rollout, verification, and {@code num_iterations} updates.
     *
     * @param step counted from 0; prompts and chance follow from it
     * @throws NonFiniteLoss where the loss or the gradient is not finite; the weights are then those before the update
     * @throws UserError where prompts and completions do not fit the model's buffers
     */
    public RlStats step(long step, GenerationProgress progress) {
        long start = System.nanoTime();
        List<Pair> pairs = prompts.pairs(step, options.promptsPerStep());
        List<Prompt> asked = asked(pairs, step);
        SamplingOptions sampling = options.sampling(Set.of(tokenizer.endOfText()));
        List<List<Completion>> completions = generator.generate(asked, sampling, progress);
        long generated = System.nanoTime();
        List<Rollout> rollouts = verified(pairs, asked, completions);
        long verified = System.nanoTime();
        Advantages advantages = Advantages.of(
                rollouts.stream().mapToDouble(Rollout::reward).toArray(),
                options.numGenerations(),
                options.scaleRewards());
        log.write(step, rollouts, advantages.values());
        Update update = update(step, rollouts, advantages);
        return stats(
                rollouts,
                advantages,
                update,
                seconds(start, generated),
                seconds(generated, verified),
                seconds(verified, System.nanoTime()));
    }

    private List<Prompt> asked(List<Pair> pairs, long step) {
        long seed = Seeds.mix(options.seed(), step);
        List<Prompt> asked = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i++) {
            int[] tokens = tokenizer.encode(pairs.get(i).prompt());
            int longest = tokens.length + options.maxCompletionLength();
            if (longest > policy.maxTokens()) {
                throw new UserError(
                        "Pair %s and a completion of max_completion_length are %d tokens, more than the %d of a pass; lower max_completion_length or raise tokens_per_step"
                                .formatted(pairs.get(i).id(), longest, policy.maxTokens()));
            }
            asked.add(new Prompt(tokens, options.numGenerations(), Seeds.mix(seed, i)));
        }
        return asked;
    }

    private List<Rollout> verified(List<Pair> pairs, List<Prompt> asked, List<List<Completion>> completions) {
        int group = options.numGenerations();
        return IntStream.range(0, pairs.size() * group)
                .parallel()
                .mapToObj(i -> {
                    Pair pair = pairs.get(i / group);
                    Completion completion = completions.get(i / group).get(i % group);
                    String text = tokenizer.decode(completion.textTokens());
                    Verdict verdict = Verifiers.named(pair.verifier()).verify(pair, text);
                    double reward = options.reward().of(verdict, completion.finished());
                    return new Rollout(pair, asked.get(i / group).tokens(), completion, text, verdict, reward);
                })
                .toList();
    }

    // ---- update
    // ------------------------------------------------------------------------------------------------------

    /** What the updates of a step came to; sums are over the tokens trained on. */
    private record Update(double loss, double klSum, long clipped, long tokens, double gradNorm, double mismatch) {}

    private Update update(long step, List<Rollout> rollouts, Advantages advantages) {
        List<Weighted> weighted = weighted(rollouts, advantages);
        List<Packed> batches = packed(weighted);
        double loss = 0;
        double klSum = 0;
        double gradNorm = 0;
        double mismatch = 0;
        long clipped = 0;
        long tokens = 0;
        for (int iteration = 0; iteration < options.numIterations(); iteration++) {
            loss = 0;
            klSum = 0;
            tokens = 0;
            for (Packed batch : batches) {
                // Before the first update the policy is the one that drew the tokens.
                float[] logprobs = iteration == 0 ? batch.old : logprobs(policy, batch.batch);
                float[] coefficients = new float[batch.batch.size()];
                for (int t = 0; t < coefficients.length; t++) {
                    if (batch.weight[t] > 0) {
                        tokens++;
                        loss += batch.weight[t]
                                * policyLoss.loss(logprobs[t], batch.old[t], batch.reference[t], batch.advantage[t]);
                        klSum += options.beta() > 0 ? PolicyLoss.kl(logprobs[t], batch.reference[t]) : 0;
                        clipped += policyLoss.clipped(logprobs[t], batch.old[t], batch.advantage[t]) ? 1 : 0;
                        coefficients[t] = (float) (batch.weight[t]
                                * policyLoss.coefficient(
                                        logprobs[t], batch.old[t], batch.reference[t], batch.advantage[t]));
                    }
                }
                float[] trained = new float[coefficients.length];
                policy.forwardBackward(batch.batch, coefficients, (float) options.temperature(), trained);
                for (int t = 0; iteration == 0 && t < trained.length; t++) {
                    mismatch = batch.weight[t] > 0 ? Math.max(mismatch, Math.abs(trained[t] - batch.old[t])) : mismatch;
                }
            }
            double norm = optimizer.gradientNorm();
            if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
                optimizer.clearGradients();
                throw new NonFiniteLoss(
                        step,
                        loss,
                        norm,
                        rollouts.stream().map(one -> one.pair().id()).distinct().toList());
            }
            gradNorm += norm / options.numIterations();
            optimizer.step(schedule.valueAt(Math.toIntExact(step), 0));
        }
        return new Update(loss, klSum, clipped, tokens, gradNorm, mismatch);
    }

    /** A rollout, its advantage, and the weight of each of its tokens in the step's loss. */
    private record Weighted(Rollout rollout, double advantage, double weight) {}

    private List<Weighted> weighted(List<Rollout> rollouts, Advantages advantages) {
        boolean[] counts = new boolean[rollouts.size()];
        long tokens = 0;
        int completions = 0;
        for (int i = 0; i < counts.length; i++) {
            Rollout rollout = rollouts.get(i);
            boolean divides = !options.skipDegenerateGroups() || !advantages.degenerate()[i / options.numGenerations()];
            boolean truncated =
                    options.maskTruncatedCompletions() && !rollout.completion().finished();
            counts[i] = divides && !truncated && !Double.isNaN(rollout.reward());
            completions += divides ? 1 : 0;
            tokens += counts[i] ? rollout.length() : 0;
        }
        List<Weighted> weighted = new ArrayList<>();
        for (int i = 0; i < counts.length; i++) {
            double advantage = advantages.values()[i];
            // Without a divergence to hold, tokens of no advantage have no gradient: not worth computing.
            if (counts[i] && (advantage != 0 || options.beta() > 0)) {
                Rollout rollout = rollouts.get(i);
                double weight =
                        options.lossType().weight(rollout.length(), completions, tokens, options.maxCompletionLength());
                weighted.add(new Weighted(rollout, advantage, weight));
            }
        }
        return weighted;
    }

    /**
     * A batch of rollouts; all arrays are {@code [tokens]}, an entry at the place that predicts the token.
     *
     * @param old log-probabilities when the tokens were drawn
     * @param reference log-probabilities by the reference; 0 where there is none
     * @param weight in the step's loss; 0 where there is no target
     */
    private record Packed(Batch batch, float[] old, float[] reference, double[] advantage, double[] weight) {}

    private List<Packed> packed(List<Weighted> weighted) {
        List<TokenizedPair> sequences = new ArrayList<>();
        for (int i = 0; i < weighted.size(); i++) {
            Rollout rollout = weighted.get(i).rollout();
            // The id leads back to the rollout.
            sequences.add(new TokenizedPair(Integer.toString(i), rollout.tokens(), rollout.prompt().length));
        }
        List<Packed> batches = new ArrayList<>();
        for (List<TokenizedPair> bin : Packer.pack(sequences, policy.maxTokens())) {
            batches.add(packed(Batch.pack(bin), weighted));
        }
        return batches;
    }

    private Packed packed(Batch batch, List<Weighted> weighted) {
        float[] old = new float[batch.size()];
        double[] advantage = new double[batch.size()];
        double[] weight = new double[batch.size()];
        for (int s = 0; s < batch.sequences(); s++) {
            Weighted one = weighted.get(Integer.parseInt(batch.ids().get(s)));
            int from = batch.offsets()[s] + one.rollout().prompt().length - 1;
            for (int i = 0; i < one.rollout().length(); i++) {
                old[from + i] = one.rollout().completion().logprobs()[i];
                advantage[from + i] = one.advantage();
                weight[from + i] = one.weight();
            }
        }
        float[] referenced = reference == null ? new float[batch.size()] : logprobs(reference, batch);
        return new Packed(batch, old, referenced, advantage, weight);
    }

    private float[] logprobs(Transformer model, Batch batch) {
        float[] logprobs = new float[batch.size()];
        model.logprobs(batch, (float) options.temperature(), logprobs, null);
        return logprobs;
    }

    // ---- statistics
    // --------------------------------------------------------------------------------------------------

    private RlStats stats(
            List<Rollout> rollouts,
            Advantages advantages,
            Update update,
            double rolloutSeconds,
            double verifySeconds,
            double updateSeconds) {
        int n = rollouts.size();
        long tokens = rollouts.stream().mapToLong(Rollout::length).sum();
        double surprise = 0;
        for (Rollout rollout : rollouts) {
            surprise -= rollout.completion().meanLogprob() * rollout.length();
        }
        long trained = Math.max(1, update.tokens());
        return new RlStats(
                rollouts.stream()
                        .mapToDouble(Rollout::reward)
                        .filter(reward -> !Double.isNaN(reward))
                        .average()
                        .orElse(0),
                rollouts.stream().filter(rollout -> rollout.verdict().correct()).count() / (double) n,
                update.loss(),
                update.klSum() / trained,
                surprise / tokens,
                update.clipped() / (double) (trained * options.numIterations()),
                update.gradNorm(),
                tokens / (double) n,
                rollouts.stream()
                                .filter(rollout -> !rollout.completion().finished())
                                .count()
                        / (double) n,
                advantages.degenerateGroups(),
                (int) rollouts.stream()
                        .filter(rollout -> rollout.verdict().error() != null)
                        .count(),
                update.mismatch(),
                tokens,
                rolloutSeconds,
                verifySeconds,
                updateSeconds);
    }

    private static double seconds(long from, long to) {
        return (to - from) / 1e9;
    }
}
