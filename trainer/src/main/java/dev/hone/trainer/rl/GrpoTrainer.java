package dev.hone.trainer.rl;

import dev.hone.datasets.UserError;
import dev.hone.datasets.text.PairFormat;
import dev.hone.trainer.generate.Completer;
import dev.hone.trainer.generate.GenerationProgress;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.optim.LogprobSource;
import dev.hone.trainer.optim.NonFiniteLoss;
import dev.hone.trainer.optim.TrainingEngine;
import dev.hone.trainer.rl.PolicyUpdate.Lesson;
import dev.hone.trainer.rl.Stopwatch.Phase;
import dev.hone.trainer.rl.reward.Rewards;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * Group relative policy optimization (Shao et al. 2024) and its kin: draws a group of completions of each prompt, has each
 * judged, and makes those better than others likelier. Rollouts and training use the same weights in the same memory.
 */
public final class GrpoTrainer {

    private final TrainingEngine engine;
    private final @Nullable LogprobSource reference;
    private final ISchedule schedule;
    private final GrpoOptions options;
    private final Collector collector;
    private final PolicyUpdate update;
    private final RolloutLog log;
    private final AheadFile aheadFile;
    private @Nullable Drawn ahead;

    /**
     * @param policy whose weights {@code engine} updates
     * @param reference the model the KL divergence holds the policy to; needed where {@code beta} is above 0
     * @param completer of {@code policy}'s
     * @param samples the directory that completions are logged to
     */
    public GrpoTrainer(
            Transformer policy,
            @Nullable LogprobSource reference,
            Completer completer,
            PairFormat format,
            TrainingEngine engine,
            ISchedule schedule,
            PromptSource prompts,
            Rewards rewards,
            GrpoOptions options,
            Path samples) {
        if (options.loss().beta() > 0 && reference == null) {
            throw new IllegalArgumentException("beta is " + options.loss().beta() + " but there is no reference model");
        }
        this.engine = engine;
        this.reference = options.loss().beta() > 0 ? reference : null;
        this.schedule = schedule;
        this.options = options;
        this.collector = new Collector(
                completer,
                format,
                prompts,
                options.rollout(),
                new Judges(format.tokenizer(), rewards),
                policy.maxTokens());
        this.update = new PolicyUpdate(engine, options.loss(), temperature());
        this.log = new RolloutLog(samples);
        this.aheadFile = new AheadFile(samples);
    }

    private float temperature() {
        return (float) options.rollout().temperature();
    }

    /**
     * One step: rollout, judgement, and {@code num_iterations} updates.
     *
     * @param step counted from 0; prompts and chance follow from it
     * @throws NonFiniteLoss where the loss or the gradient is not finite; the weights are then those before the update
     * @throws UserError where prompts and completions do not fit the model's buffers, or too many rewards failed
     */
    public RlStats step(long step, GenerationProgress progress) {
        Stopwatch watch = new Stopwatch();
        Drawn drawn = drawnAhead(step);
        if (step < options.overlapped()) {
            if (drawn == null) {
                drawn = collector.draw(step, 0, progress, watch);
            }
            ahead = collector.draw(step + 1, 0, progress, watch);
            aheadFile.write(step + 1, ahead.completions());
        }
        Collected collected = collector.collect(step, drawn, progress, watch);
        List<Rollout> kept = collected.kept();
        watch.enter(Phase.SCORE);
        @Nullable List<float[]> referenced = reference == null ? null : update.logprobs(reference, kept);
        watch.enter(Phase.IDLE);
        Advantages advantages =
                Advantages.of(rewards(kept, referenced), options.rollout().numGenerations(), options.advantage());
        log.write(step, collected, advantages.values());
        requireRewards(step, collected);
        watch.enter(Phase.SCORE);
        List<Lesson> lessons = lessons(kept, advantages.values(), referenced);
        watch.enter(Phase.UPDATE);
        PolicyUpdate.Outcome outcome =
                update.run(step, lessons, options.numIterations(), schedule.valueAt(Math.toIntExact(step), 0));
        watch.enter(Phase.IDLE);
        return StepSummary.of(collected, outcome, options.rollout().numGenerations(), watch);
    }

    /** The step's first round, where the step before drew it: in this process, or in one that ended since. */
    private @Nullable Drawn drawnAhead(long step) {
        Drawn drawn = ahead;
        ahead = null;
        if (step == 0 || step > options.overlapped()) {
            return null;
        }
        return drawn != null ? drawn : collector.drawnBefore(step, aheadFile.read(step));
    }

    /** Removes what only a resumed run would have needed. */
    public void finish() {
        for (long step = 1; step <= options.overlapped(); step++) {
            aheadFile.delete(step);
        }
    }

    /** What advantages compare: the rewards, less the divergence from the reference where it belongs there. */
    private double[] rewards(List<Rollout> rollouts, @Nullable List<float[]> referenced) {
        double[] rewards = rollouts.stream().mapToDouble(Rollout::reward).toArray();
        if (options.loss().klInReward() && referenced != null) {
            for (int i = 0; i < rewards.length; i++) {
                float[] drawn = rollouts.get(i).completion().logprobs();
                for (int t = 0; t < drawn.length; t++) {
                    rewards[i] -= options.loss().beta()
                            * PolicyLoss.k3(drawn[t], referenced.get(i)[t]).value();
                }
            }
        }
        return rewards;
    }

    private void requireRewards(long step, Collected collected) {
        List<Rollout> all = new ArrayList<>(collected.kept());
        all.addAll(collected.dropped());
        List<String> errors = all.stream()
                .map(rollout -> rollout.score().error())
                .filter(Objects::nonNull)
                .toList();
        if (errors.size() > options.rollout().maxRewardFailures() * all.size()) {
            throw new UserError(
                    "%d of %d rewards of step %d failed, more than rl.max_reward_failures allows, the first because %s; see %s, mend the reward and resume the run"
                            .formatted(errors.size(), all.size(), step, errors.get(0), log.file(step)));
        }
    }

    /** The completions that count, weighed by how many they are. */
    private List<Lesson> lessons(List<Rollout> rollouts, double[] advantages, @Nullable List<float[]> referenced) {
        LossOptions loss = options.loss();
        boolean[] counts = new boolean[rollouts.size()];
        long tokens = 0;
        for (int i = 0; i < counts.length; i++) {
            Rollout rollout = rollouts.get(i);
            boolean masked =
                    loss.maskTruncatedCompletions() && !rollout.completion().finished();
            counts[i] = !masked && !Double.isNaN(rollout.reward());
            tokens += counts[i] ? rollout.length() : 0;
        }
        boolean holds = referenced != null && !loss.klInReward();
        @Nullable List<float[]> corrected = loss.importanceSamplingCap() > 0 ? update.logprobs(engine, rollouts) : null;
        List<Lesson> lessons = new ArrayList<>();
        for (int i = 0; i < counts.length; i++) {
            // Without a divergence or an entropy to hold, tokens of no advantage have no gradient: not worth computing.
            if (counts[i] && (advantages[i] != 0 || holds || loss.entropyCoef() > 0)) {
                Rollout rollout = rollouts.get(i);
                float[] drawn = rollout.completion().logprobs();
                float[] old = corrected == null ? drawn : corrected.get(i);
                lessons.add(new Lesson(
                        rollout,
                        advantages[i],
                        loss.type()
                                .weight(
                                        rollout.length(),
                                        rollouts.size(),
                                        tokens,
                                        options.rollout().maxCompletionLength()),
                        old,
                        holds && referenced != null ? referenced.get(i) : null,
                        corrected == null ? null : corrections(old, drawn),
                        loss.entropyCoef() / Math.max(1, tokens)));
            }
        }
        return lessons;
    }

    private double[] corrections(float[] old, float[] drawn) {
        double[] corrections = new double[old.length];
        for (int t = 0; t < corrections.length; t++) {
            corrections[t] =
                    PolicyLoss.correction(old[t], drawn[t], options.loss().importanceSamplingCap());
        }
        return corrections;
    }
}
