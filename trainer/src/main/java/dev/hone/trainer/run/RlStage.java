package dev.hone.trainer.run;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.trainer.generate.GenerationProgress;
import dev.hone.trainer.optim.Reference;
import dev.hone.trainer.optim.TrainingEngine;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.recipe.RlKeys;
import dev.hone.trainer.rl.Alarms;
import dev.hone.trainer.rl.GrpoTrainer;
import dev.hone.trainer.rl.PromptSource;
import dev.hone.trainer.rl.RlStats;
import dev.hone.trainer.rl.reward.Rewards;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;

/** Reinforcement within a run: all steps from where it stands to the last. */
public final class RlStage implements AutoCloseable {

    private static final TypeReference<Map<String, Object>> FIELDS = new TypeReference<>() {};

    private final Run run;
    private final String phase;
    private final RlKeys settings;
    private final @Nullable Reference reference;
    private final GrpoTrainer trainer;
    private final Alarms alarms = new Alarms();

    /**
     * Prepares to reinforce; a fresh optimizer, or the saved one where the stage is entered in its middle.
     *
     * @param pairs whose prompts to practise
     * @param done steps of the stage done before
     */
    public RlStage(Run run, String phase, RlKeys settings, List<Pair> pairs, long done) {
        this.run = run;
        this.phase = phase;
        this.settings = settings;
        Rewards rewards = RlSettings.rewards(settings);
        rewards.requireFor(pairs);
        Learner learner = run.learner();
        TrainingEngine engine = StageOptimizer.engine(run, run.recipe().sft(), settings, done);
        if (done > 0) {
            remember(run.directory().events());
        }
        this.reference = settings.beta() > 0 ? ReferenceModel.open(run, done) : null;
        this.trainer = new GrpoTrainer(
                learner.transformer(),
                reference,
                learner.completer(),
                learner.format(),
                engine,
                StageOptimizer.schedule(settings, settings.maxSteps()),
                PromptSource.shuffled(pairs, run.recipe().seed()),
                rewards,
                RlSettings.options(settings, run.recipe().seed()),
                run.directory().samples());
    }

    /**
     * Refuses settings that make no such stage, long before there is one.
     *
     * @param pairs some of those whose prompts will be practised
     * @throws UserError where a reward lacks a key or a class, or none is for a pair's domain, or settings do not go together
     */
    public static void require(Recipe recipe, List<Pair> pairs) {
        if (recipe.rl() != null) {
            RlSettings.rewards(recipe.rl()).requireFor(pairs);
            RlSettings.options(recipe.rl(), recipe.seed());
        }
    }

    /**
     * Steps {@code from} to the last.
     *
     * @param position where the run stands after so many steps of the stage
     * @param evaluate measures the benchmarks after every {@code eval_steps}, but the last
     */
    public void train(long from, LongFunction<?> position, LongFunction<List<PhaseScore>> evaluate) {
        if (isEvaluatedAfter(from) && !run.isMeasured(Run.ACCURACY)) {
            // A run that was stopped between a step and its evaluation.
            tellEvaluated(evaluate.apply(from));
            run.settled();
        }
        try (Progress progress = run.output().progress(phase, from, settings.maxSteps())) {
            for (long step = from; step < settings.maxSteps(); step++) {
                GenerationProgress stoppable = (done, total, tokens) -> run.stopIfAsked();
                RlStats stats = trainer.step(step, stoppable);
                run.measured(Run.REWARD, stats.reward());
                run.event("rl", phase, RunState.JSON.convertValue(stats, FIELDS));
                tell(alarms.after(Alarms.Step.of(stats)));
                progress.step(
                        step + 1,
                        String.format(
                                Locale.ROOT,
                                "reward %.3f, length %.0f, %,.0f tokens/s",
                                stats.reward(),
                                stats.completionLength(),
                                stats.tokensPerSecond()));
                run.stepped(position.apply(step + 1));
                if (isEvaluatedAfter(step + 1)) {
                    tellEvaluated(evaluate.apply(step + 1));
                }
                run.settled();
            }
        }
        trainer.finish();
    }

    private boolean isEvaluatedAfter(long steps) {
        return settings.evalSteps() > 0
                && steps > 0
                && steps % settings.evalSteps() == 0
                && steps < settings.maxSteps();
    }

    private void tellEvaluated(List<PhaseScore> scores) {
        for (PhaseScore score : scores) {
            tell(alarms.afterEvaluation(score.domain(), score.accuracy(), score.high()));
        }
    }

    private void tell(List<Alarms.Alarm> raised) {
        for (Alarms.Alarm alarm : raised) {
            String kind = alarm.kind().name().toLowerCase(Locale.ROOT);
            run.event("alarm", phase, Map.of("kind", kind, "message", alarm.message()));
            run.output().line("warning: " + phase + ": " + alarm.message());
        }
    }

    /** What a resumed run had seen before, so that it goes on comparing with its start. */
    private void remember(Path events) {
        try (Stream<String> lines = Files.lines(events)) {
            lines.map(RunState.JSON::readTree)
                    .filter(event -> event.path("event").asString("").equals("rl")
                            && event.path("phase").asString("").equals(phase))
                    .forEach(event -> alarms.after(new Alarms.Step(
                            event.path("reward").asDouble(),
                            event.path("entropy").asDouble(),
                            event.path("completion_length").asDouble(),
                            event.path("clipped_share").asDouble())));
        } catch (IOException | JacksonException e) {
            throw new UserError("Cannot read " + events + " (" + UserError.reason(e) + "); restore it", e);
        }
    }

    @Override
    public void close() {
        if (reference != null) {
            reference.close();
        }
    }
}
