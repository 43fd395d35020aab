package dev.hone.trainer.run;

import dev.hone.datasets.text.TokenizedPair;
import dev.hone.trainer.optim.TrainingEngine;
import dev.hone.trainer.recipe.SftKeys;
import dev.hone.trainer.sft.SftOptions;
import dev.hone.trainer.sft.SftTrainer;
import dev.hone.trainer.sft.StepStats;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Supervised fine-tuning within a run: the stretch of optimizer steps between two decisions. */
public final class SftStage {

    /** What follows from each step of a stage. */
    @FunctionalInterface
    public interface Steps {

        /** Where the run stands after so many steps of the stage. */
        Object after(long step);

        /** The same, where the held-out loss of the weights was measured, in nats a token. */
        default Object after(long step, double loss) {
            return after(step);
        }

        /** Whether the stage goes on after an evaluation; asked when the run stands at the position. */
        default boolean goesOn() {
            return true;
        }
    }

    private final Run run;
    private final String phase;
    private final SftKeys settings;
    private final SftTrainer trainer;
    private final List<TokenizedPair> heldOut;
    private final long steps;

    /**
     * Prepares to fine-tune; a fresh optimizer, or the saved one where the stage is entered in its middle.
     *
     * @param learned what to learn
     * @param heldOut what is not learned but whose loss is measured every {@code eval_steps}
     * @param steps of the whole stage, which the learning rate is spread over; null as {@code settings} say
     * @param done steps of the stage done before
     */
    public SftStage(
            Run run,
            String phase,
            SftKeys settings,
            List<TokenizedPair> learned,
            List<TokenizedPair> heldOut,
            @Nullable Integer steps,
            long done) {
        this.run = run;
        this.phase = phase;
        this.settings = settings;
        this.heldOut = heldOut;
        this.steps = steps == null ? steps(settings, learned) : steps;
        TrainingEngine engine = StageOptimizer.engine(run, settings, settings, done);
        this.trainer = new SftTrainer(
                run.learner().transformer(),
                engine,
                learned,
                new SftOptions(
                        run.recipe().seed(),
                        settings.tokensPerStep(),
                        settings.maxLength(),
                        StageOptimizer.schedule(settings, this.steps)));
    }

    /** Steps of a whole stage on {@code pairs}, as the settings say. */
    public static long steps(SftKeys settings, List<TokenizedPair> pairs) {
        return settings.maxSteps() >= 0 || pairs.isEmpty()
                ? settings.maxSteps()
                : Math.max(
                        1,
                        Math.round(
                                settings.numTrainEpochs() * SftTrainer.stepsPerEpoch(pairs, settings.tokensPerStep())));
    }

    /** Steps of the whole stage. */
    public long steps() {
        return steps;
    }

    /**
     * Steps {@code from} to {@code to} of the stage.
     *
     * @param following what follows from each; it may end the stage earlier
     */
    public void train(long from, long to, Steps following) {
        try (Progress progress = run.output().progress("train " + phase, from, to)) {
            for (long step = from; step < to; step++) {
                StepStats stats = trainer.step(step);
                run.event("train", phase, fields(stats));
                progress.step(
                        step + 1,
                        String.format(Locale.ROOT, "loss %.3f, %,.0f tokens/s", stats.loss(), stats.tokensPerSecond()));
                boolean due = settings.evalSteps() > 0 && (step + 1) % settings.evalSteps() == 0;
                if (!heldOut.isEmpty() && (due || step + 1 == steps)) {
                    run.advanced(following.after(step + 1, measure()));
                    if (!following.goesOn()) {
                        return;
                    }
                } else {
                    run.advanced(following.after(step + 1));
                }
            }
        }
    }

    private double measure() {
        double loss = SftTrainer.evaluateLoss(run.learner().transformer(), heldOut);
        run.measured(Run.EVAL_LOSS, loss);
        run.event(Run.EVAL_LOSS, phase, Map.of("loss", loss, "pairs", heldOut.size()));
        run.output()
                .line(String.format(
                        Locale.ROOT, "held-out loss %.4f nats a token, over %d pairs", loss, heldOut.size()));
        return loss;
    }

    private static Map<String, ?> fields(StepStats stats) {
        return Map.of(
                "loss", stats.loss(),
                "learning_rate", stats.learningRate(),
                "grad_norm", stats.gradNorm(),
                "epoch", stats.epoch(),
                "tokens", stats.tokens(),
                "loss_tokens", stats.lossTokens(),
                "seconds", stats.seconds(),
                "tokens_per_second", stats.tokensPerSecond());
    }
}
