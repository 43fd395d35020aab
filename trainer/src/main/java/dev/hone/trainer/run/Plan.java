package dev.hone.trainer.run;

import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.trainer.model.MemoryPlan;
import dev.hone.trainer.model.ModelConfig;
import dev.hone.trainer.model.TransformerOptions;
import dev.hone.trainer.optim.Optim;
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
            DType dtype = DtypeChoice.of(recipe.model().dtype(), device, output);
            return of(recipe, config, Learner.transformerOptions(recipe, config, dtype), device);
        }
    }

    static MemoryPlan of(Recipe recipe, ModelConfig config, TransformerOptions options, Device device) {
        long positions = (long) Learner.MAX_BATCH * Learner.longest(recipe, config);
        return MemoryPlan.of(config, options, eightBitMoments(recipe), positions, device);
    }

    /** Whether all stages keep moments in 8 bits. */
    static boolean eightBitMoments(Recipe recipe) {
        return Optim.of(recipe.sft().optim()) == Optim.ADAMW_8BIT
                && Optim.of(recipe.scale().optim()) == Optim.ADAMW_8BIT;
    }
}
