package dev.hone.trainer.run;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.trainer.generate.GenerationProgress;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.optim.Optimizer;
import dev.hone.trainer.optim.OptimizerOptions;
import dev.hone.trainer.optim.Schedules;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.rl.GrpoOptions;
import dev.hone.trainer.rl.GrpoTrainer;
import dev.hone.trainer.rl.LossType;
import dev.hone.trainer.rl.PromptSource;
import dev.hone.trainer.rl.Reward;
import dev.hone.trainer.rl.RlStats;
import dev.hone.trainer.rl.ScaleRewards;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/** Reinforcement within a run: all steps from where it stands to the last. */
public final class RlStage implements AutoCloseable {

    private static final TypeReference<Map<String, Object>> FIELDS = new TypeReference<>() {};

    private final Run run;
    private final String phase;
    private final Recipe.Rl settings;
    private final @Nullable Transformer reference;
    private final GrpoTrainer trainer;

    /**
     * Prepares to reinforce; a fresh optimizer, or the saved one where the stage is entered in its middle.
     *
     * @param pairs whose prompts to practise
     * @param done steps of the stage done before
     */
    public RlStage(Run run, String phase, Recipe.Rl settings, List<Pair> pairs, long done) {
        this.run = run;
        this.phase = phase;
        this.settings = settings;
        Learner learner = run.learner();
        Recipe.Sft sft = run.recipe().sft();
        Optimizer optimizer = learner.newOptimizer(new OptimizerOptions(
                sft.adamBeta1(), sft.adamBeta2(), sft.adamEpsilon(), settings.weightDecay(), settings.maxGradNorm()));
        if (done > 0 && run.resumedFrom() != null) {
            learner.readOptimizer(run.resumedFrom());
        }
        this.reference = settings.beta() > 0 ? reference(done) : null;
        this.trainer = new GrpoTrainer(
                learner.transformer(),
                reference,
                learner.generator(),
                learner.tokenizer(),
                optimizer,
                Schedules.named(
                        settings.lrSchedulerType(),
                        settings.learningRate(),
                        settings.maxSteps(),
                        settings.warmupRatio(),
                        0),
                PromptSource.shuffled(pairs, run.recipe().seed()),
                options(),
                run.directory().samples());
    }

    private GrpoOptions options() {
        return new GrpoOptions(
                settings.promptsPerStep(),
                settings.numGenerations(),
                settings.maxCompletionLength(),
                settings.temperature(),
                0,
                1,
                0,
                settings.beta(),
                settings.epsilon(),
                settings.epsilonHigh(),
                settings.numIterations(),
                settings.scaleRewards() ? ScaleRewards.GROUP : ScaleRewards.NONE,
                LossType.DAPO,
                false,
                false,
                Reward.ACCURACY,
                run.recipe().seed());
    }

    /** The model RL starts from, kept on disk so that a resumed run refers to the same one. */
    private Transformer reference(long done) {
        Path folder = run.directory().reference();
        if (done == 0) {
            try {
                run.learner().saveModel(folder);
            } catch (IOException e) {
                throw new UserError("Cannot write " + folder + " (" + e.getMessage() + "); make room there", e);
            }
        }
        return run.learner().frozenCopy(folder);
    }

    /**
     * Steps {@code from} to the last.
     *
     * @param position where the run stands after so many steps of the stage
     * @param evaluate called after every {@code eval_steps}, but the last
     */
    public void train(long from, LongFunction<?> position, LongConsumer evaluate) {
        try (Progress progress = run.output().progress(phase, from, settings.maxSteps())) {
            for (long step = from; step < settings.maxSteps(); step++) {
                GenerationProgress stoppable = (done, total, tokens) -> run.stopIfAsked();
                RlStats stats = trainer.step(step, stoppable);
                run.event("rl", phase, RunState.JSON.convertValue(stats, FIELDS));
                progress.step(
                        step + 1,
                        String.format(
                                Locale.ROOT,
                                "reward %.3f, length %.0f, %,.0f tokens/s",
                                stats.reward(),
                                stats.completionLength(),
                                stats.tokensPerSecond()));
                if (settings.evalSteps() > 0
                        && (step + 1) % settings.evalSteps() == 0
                        && step + 1 < settings.maxSteps()) {
                    evaluate.accept(step + 1);
                }
                run.advanced(position.apply(step + 1));
            }
        }
    }

    @Override
    public void close() {
        if (reference != null) {
            reference.close();
        }
    }
}
