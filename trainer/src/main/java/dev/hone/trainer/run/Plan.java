package dev.hone.trainer.run;

import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.trainer.model.MemoryPlan;
import dev.hone.trainer.model.ModelConfig;
import dev.hone.trainer.recipe.Recipe;

/** What a recipe takes of its device's memory, counted before anything is loaded. */
public final class Plan {

    private Plan() {}

    public static MemoryPlan of(Recipe recipe, Output output) {
        ModelConfig config;
        try (ModelSource source = ModelSource.of(recipe.model())) {
            config = source.config();
        }
        try (Device device = DeviceChoice.open(recipe.device(), output)) {
            long positions = (long) Learner.MAX_BATCH * Learner.longest(recipe, config);
            DType dtype = DtypeChoice.of(recipe.model().dtype(), device, output);
            return MemoryPlan.of(config, Learner.transformerOptions(recipe, config, dtype), positions, device);
        }
    }
}
