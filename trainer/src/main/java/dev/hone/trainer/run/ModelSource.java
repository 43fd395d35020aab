package dev.hone.trainer.run;

import dev.hone.datasets.UserError;
import dev.hone.datasets.text.Tokenizer;
import dev.hone.trainer.model.ModelConfig;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a model comes from: a Hugging Face folder, or a shape to fill with random weights.
 *
 * @param folder null for random weights
 */
public record ModelSource(@Nullable Path folder, ModelConfig config, Tokenizer tokenizer, Path tokenizerFile)
        implements AutoCloseable {

    private static final String TOKENIZER = "tokenizer.json";

    /** A folder, a checkpoint, or a run with its newest checkpoint; see {@link ModelFolder}. */
    public static ModelSource of(Path path) {
        Path folder = ModelFolder.of(path);
        return checked(folder, ModelConfig.read(folder), folder.resolve(TOKENIZER));
    }

    /** What a recipe asks for. Throws {@link UserError} where the vocabularies of model and tokenizer do not fit. */
    static ModelSource of(Recipe.Model model) {
        if (model.path() != null) {
            return of(model.path());
        }
        Path tokenizer = Objects.requireNonNull(model.tokenizer());
        Path file = Files.isDirectory(tokenizer) ? tokenizer.resolve(TOKENIZER) : tokenizer;
        try (Tokenizer read = Tokenizer.read(file)) {
            return checked(null, config(Objects.requireNonNull(model.config()), read.vocabularySize()), file);
        }
    }

    private static ModelSource checked(@Nullable Path folder, ModelConfig config, Path tokenizerFile) {
        Tokenizer tokenizer = Tokenizer.read(tokenizerFile);
        if (tokenizer.vocabularySize() > config.vocabularySize()) {
            tokenizer.close();
            throw new UserError(tokenizerFile + " has ids up to " + (tokenizer.vocabularySize() - 1)
                    + " but the model's vocab_size is " + config.vocabularySize()
                    + "; give the tokenizer that belongs to the model");
        }
        return new ModelSource(folder, config, tokenizer, tokenizerFile);
    }

    private static ModelConfig config(Recipe.Architecture shape, int vocabulary) {
        int heads = shape.numAttentionHeads();
        return new ModelConfig(
                vocabulary,
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

    void readWeights(Transformer transformer, long seed) {
        if (folder == null) {
            transformer.initialize(seed);
        } else {
            transformer.readWeights(folder);
        }
    }

    /** Puts the tokenizer, and what says how a chat is written, beside a saved model. */
    void copyTokenizer(Path to) throws IOException {
        Files.copy(tokenizerFile, to.resolve(TOKENIZER), StandardCopyOption.REPLACE_EXISTING);
        for (String more : new String[] {
            "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja", "generation_config.json"
        }) {
            Path file = tokenizerFile.resolveSibling(more);
            if (Files.isRegularFile(file)) {
                Files.copy(file, to.resolve(more), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
