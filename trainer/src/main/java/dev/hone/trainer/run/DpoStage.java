package dev.hone.trainer.run;

import dev.hone.datasets.pairs.Preference;
import dev.hone.datasets.pairs.PreferenceReader;
import dev.hone.trainer.dpo.DpoLoss;
import dev.hone.trainer.dpo.DpoOptions;
import dev.hone.trainer.dpo.DpoStats;
import dev.hone.trainer.dpo.DpoTrainer;
import dev.hone.trainer.optim.Reference;
import dev.hone.trainer.optim.TrainingEngine;
import dev.hone.trainer.recipe.DpoKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongFunction;
import tools.jackson.core.type.TypeReference;

/** Learning from preferences within a run: all steps from where it stands to the last. */
final class DpoStage implements AutoCloseable {

    private static final TypeReference<Map<String, Object>> FIELDS = new TypeReference<>() {};

    private final Run run;
    private final String phase;
    private final Reference reference;
    private final DpoTrainer trainer;
    private final long steps;

    /** @param done steps of the stage done before */
    DpoStage(Run run, String phase, DpoKeys settings, List<Preference> preferences, long done) {
        this.run = run;
        this.phase = phase;
        this.steps = steps(settings, preferences.size());
        TrainingEngine engine = StageOptimizer.engine(run, run.recipe().sft(), settings, done);
        this.reference = ReferenceModel.open(run, done);
        this.trainer = new DpoTrainer(
                run.learner().transformer(),
                reference,
                run.learner().format(),
                engine,
                preferences,
                new DpoOptions(
                        DpoLoss.valueOf(settings.lossType().toUpperCase(Locale.ROOT)),
                        settings.preferencesPerStep(),
                        settings.beta(),
                        settings.labelSmoothing(),
                        StageOptimizer.schedule(settings, steps),
                        run.recipe().seed()));
    }

    static List<Preference> preferences(DpoKeys settings) {
        List<Preference> preferences = new ArrayList<>();
        settings.data().forEach(file -> preferences.addAll(PreferenceReader.read(file)));
        return preferences;
    }

    static long steps(DpoKeys settings, int preferences) {
        return settings.maxSteps() >= 0
                ? settings.maxSteps()
                : Math.max(1, Math.round(settings.numTrainEpochs() * preferences / settings.preferencesPerStep()));
    }

    /** @param position where the run stands after so many steps of the stage */
    void train(long from, LongFunction<?> position) {
        try (Progress progress = run.output().progress(phase, from, steps)) {
            for (long step = from; step < steps; step++) {
                DpoStats stats = trainer.step(step);
                run.event("dpo", phase, RunState.JSON.convertValue(stats, FIELDS));
                progress.step(
                        step + 1,
                        String.format(Locale.ROOT, "loss %.3f, %.0f%% right", stats.loss(), 100 * stats.accuracy()));
                run.advanced(position.apply(step + 1));
            }
        }
    }

    @Override
    public void close() {
        reference.close();
    }
}
