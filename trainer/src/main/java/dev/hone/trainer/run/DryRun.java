package dev.hone.trainer.run;

import dev.hone.datasets.UserError;
import dev.hone.kernels.Device;
import dev.hone.trainer.model.MemoryPlan;
import dev.hone.trainer.model.TransformerOptions;
import dev.hone.trainer.recipe.Recipe;

/**
 * What a run refuses before it computes, asked without one: nothing of the run's directory is written, and the model's
 * weights are not read.
 */
public record DryRun(DataCounts data, MemoryPlan memory) {

    /** Opens the data of a recipe as its run does, and counts them. */
    public interface Data {
        DataCounts counted(Recipe recipe, Tokenizing tokenizing);
    }

    /**
     * @param directory of the run that would start
     * @param overwrite whether a run that is there would be deleted first
     * @throws UserError what the run would be refused with
     */
    public static DryRun of(Recipe asked, RunDirectory directory, boolean overwrite, Data data, Output output) {
        if (overwrite) {
            directory.requireOwn();
        } else {
            RunOpening.requireNew(directory);
        }
        Recipe recipe = RunOpening.fixed(asked);
        try (Device device = DeviceChoice.open(recipe.device(), output);
                ModelSource source = ModelSource.of(recipe.model())) {
            TransformerOptions options = Learner.transformerOptions(
                    recipe, source.config(), DtypeChoice.of(recipe.model().dtype(), device, output));
            MemoryCheck memory = MemoryCheck.of(recipe, source.config(), options, device);
            memory.require(device);
            return new DryRun(data.counted(recipe, Tokenizing.of(source, options, output)), memory.plan());
        }
    }
}
