package dev.hone.trainer.run;

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
        int longest = Math.max(recipe.sft().maxLength(), recipe.scale().maxLength());
        int answers = Math.max(recipe.curate().maxTokens(), recipe.evaluation().maxTokens());
        if (recipe.rl() != null) {
            answers = Math.max(answers, recipe.rl().maxCompletionLength());
        }
        int positions = Math.min(config.maxPositions(), longest + answers);
        try (Device device = DeviceChoice.open(recipe.device(), output)) {
            return MemoryPlan.of(
                    config, Learner.transformerOptions(recipe), (long) Learner.MAX_BATCH * positions, device);
        }
    }
}
