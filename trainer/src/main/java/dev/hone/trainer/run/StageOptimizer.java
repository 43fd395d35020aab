package dev.hone.trainer.run;

import dev.hone.trainer.optim.Optim;
import dev.hone.trainer.optim.OptimizerOptions;
import dev.hone.trainer.optim.Schedules;
import dev.hone.trainer.optim.TrainingEngine;
import dev.hone.trainer.recipe.SftKeys;
import dev.hone.trainer.recipe.UpdateKeys;
import org.nd4j.linalg.schedule.ISchedule;

/** How the stages of a run update the weights, as the recipe says. */
final class StageOptimizer {

    private StageOptimizer() {}

    /**
     * An engine with a fresh optimizer, or with the saved one where the stage is entered in its middle.
     *
     * @param adam whose decay rates, epsilon and kind of moments it has
     * @param done steps of the stage done before
     */
    static TrainingEngine engine(Run run, SftKeys adam, UpdateKeys settings, long done) {
        Learner learner = run.learner();
        TrainingEngine engine = learner.newEngine(new OptimizerOptions(
                adam.adamBeta1(),
                adam.adamBeta2(),
                adam.adamEpsilon(),
                settings.weightDecay(),
                settings.maxGradNorm(),
                Optim.of(adam.optim())));
        if (done > 0 && run.resumedFrom() != null) {
            learner.readOptimizer(run.resumedFrom());
        }
        return engine;
    }

    /** @param steps of the whole stage */
    static ISchedule schedule(UpdateKeys settings, long steps) {
        // As transformers' TrainingArguments has it: a number of steps goes before a share of them.
        long warmup = settings.warmupSteps() > 0 ? settings.warmupSteps() : Math.round(settings.warmupRatio() * steps);
        return Schedules.named(
                settings.lrSchedulerType(), settings.learningRate(), steps, warmup, settings.minLrRatio());
    }
}
