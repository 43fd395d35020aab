package dev.hone.trainer.run;

import dev.hone.datasets.text.Tokenizer;
import dev.hone.kernels.Device;
import dev.hone.trainer.model.MemoryPlan;
import dev.hone.trainer.model.ModelConfig;
import dev.hone.trainer.model.TransformerOptions;
import dev.hone.trainer.recipe.Recipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** What a recipe takes of its device's memory, counted before anything is loaded. */
public final class Plan {

    /** Sequences answered together. */
    private static final int ANSWERS = 64;

    private Plan() {}

    public static MemoryPlan of(Recipe recipe, Output output) {
        ModelConfig config = config(recipe.model());
        int longest = Math.max(recipe.sft().maxLength(), recipe.scale().maxLength());
        int answers = Math.max(recipe.curate().maxTokens(), recipe.evaluation().maxTokens());
        if (recipe.rl() != null) {
            answers = Math.max(answers, recipe.rl().maxCompletionLength());
        }
        int positions = Math.min(config.maxPositions(), longest + answers);
        TransformerOptions options =
                new TransformerOptions(passTokens(recipe), recipe.sft().gradientCheckpointing(), true);
        try (Device device = DeviceChoice.open(recipe.device(), output)) {
            return MemoryPlan.of(config, options, (long) ANSWERS * positions, device);
        }
    }

    /** Tokens of a forward pass: a step's share, and always the longest sequence. */
    private static int passTokens(Recipe recipe) {
        int tokens = ANSWERS;
        for (Recipe.Sft sft : new Recipe.Sft[] {recipe.sft(), recipe.scale()}) {
            int part = (sft.tokensPerStep() + sft.gradientAccumulationSteps() - 1) / sft.gradientAccumulationSteps();
            tokens = Math.max(tokens, Math.max(part, sft.maxLength()));
        }
        return tokens;
    }

    private static ModelConfig config(Recipe.Model model) {
        if (model.path() != null) {
            return ModelConfig.read(ModelFolder.of(model.path()));
        }
        Path given = Objects.requireNonNull(model.tokenizer());
        Recipe.Architecture shape = Objects.requireNonNull(model.config());
        int heads = shape.numAttentionHeads();
        try (Tokenizer tokenizer = Tokenizer.read(Files.isDirectory(given) ? given.resolve("tokenizer.json") : given)) {
            return new ModelConfig(
                    tokenizer.vocabularySize(),
                    shape.hiddenSize(),
                    shape.intermediateSize(),
                    shape.numHiddenLayers(),
                    heads,
                    shape.numKeyValueHeads() == null ? heads : shape.numKeyValueHeads(),
                    shape.hiddenSize() / heads,
                    shape.maxPositionEmbeddings(),
                    shape.ropeTheta(),
                    shape.rmsNormEps(),
                    shape.attentionBias(),
                    shape.tieWordEmbeddings());
        }
    }
}
