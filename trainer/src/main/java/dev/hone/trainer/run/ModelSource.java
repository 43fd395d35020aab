package dev.hone.trainer.run;

import dev.hone.datasets.Sha256;
import dev.hone.datasets.UserError;
import dev.hone.datasets.text.ChatTemplate;
import dev.hone.datasets.text.PairFormat;
import dev.hone.datasets.text.Tokenizer;
import dev.hone.trainer.model.AdapterFolder;
import dev.hone.trainer.model.ModelConfig;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.recipe.ArchitectureKeys;
import dev.hone.trainer.recipe.ModelKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where a model comes from: a Hugging Face folder, or a shape to fill with random weights.
 *
 * @param folder null for random weights
 * @param format how it reads pairs
 * @param chatTemplate the template that belongs to it instead of the folder's; null for that
 */
public record ModelSource(
        @Nullable Path folder,
        ModelConfig config,
        Tokenizer tokenizer,
        Path tokenizerFile,
        PairFormat format,
        @Nullable Path chatTemplate)
        implements AutoCloseable {

    /** A folder, a checkpoint, or a run with its newest checkpoint; see {@link ModelFolder}. */
    public static ModelSource of(Path path, ChatUse chat) {
        Path folder = ModelFolder.of(path);
        ModelConfig config = ModelConfig.read(
                Files.isRegularFile(folder.resolve("config.json")) ? folder : AdapterFolder.modelOf(folder));
        return checked(folder, config, TextFiles.folder(folder).resolve(TextFiles.TOKENIZER), chat);
    }

    /** What a recipe asks for. Throws {@link UserError} where the vocabularies of model and tokenizer do not fit. */
    public static ModelSource of(ModelKeys model) {
        if (model.path() != null) {
            return of(model.path(), ChatUse.of(model));
        }
        Path tokenizer = Objects.requireNonNull(model.tokenizer());
        Path file = Files.isDirectory(tokenizer) ? tokenizer.resolve(TextFiles.TOKENIZER) : tokenizer;
        try (Tokenizer read = Tokenizer.read(file)) {
            return checked(
                    null,
                    config(Objects.requireNonNull(model.config()), read.vocabularySize()),
                    file,
                    ChatUse.of(model));
        }
    }

    private static ModelSource checked(@Nullable Path folder, ModelConfig config, Path tokenizerFile, ChatUse chat) {
        Tokenizer tokenizer = Tokenizer.read(tokenizerFile);
        if (tokenizer.vocabularySize() > config.vocabularySize()) {
            tokenizer.close();
            throw new UserError(tokenizerFile + " has ids up to " + (tokenizer.vocabularySize() - 1)
                    + " but the model's vocab_size is " + config.vocabularySize()
                    + "; give the tokenizer that belongs to the model");
        }
        try {
            Path beside = Objects.requireNonNull(tokenizerFile.toAbsolutePath().getParent());
            PairFormat format = chat.format(folder == null ? null : beside, beside, tokenizer);
            return new ModelSource(folder, config, tokenizer, tokenizerFile, format, chat.template());
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    private static ModelConfig config(ArchitectureKeys shape, int vocabulary) {
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

    /** Where the tokenizer lies, and what says how a chat is written. */
    public Path textFolder() {
        return Objects.requireNonNull(tokenizerFile.toAbsolutePath().getParent());
    }

    void readWeights(Transformer transformer, long seed) {
        if (folder == null) {
            transformer.initialize(seed);
        } else {
            transformer.readWeights(folder);
        }
    }

    /**
     * SHA-256, in hexadecimal, of all that what the model says follows from: its weights, configuration and tokenizer, and
     * of adapters the model they belong to. The same wherever the files lie.
     *
     * @param seed of random weights
     */
    public String sha256(long seed) {
        List<String> parts = new ArrayList<>();
        parts.add(folder == null ? "random weights of " + config + ", seed " + seed : "weights");
        try {
            parts.add(Sha256.of(tokenizerFile));
            parts.add(format.identity());
            for (Path part : folder == null ? List.<Path>of() : Transformer.weightFolders(folder)) {
                try (Stream<Path> files = Files.list(part)) {
                    for (Path file : files.sorted().toList()) {
                        if (file.getFileName().toString().matches("(adapter_)?config\\.json|.*\\.safetensors")) {
                            parts.add(Sha256.of(file));
                        }
                    }
                }
            }
        } catch (IOException e) {
            throw new UserError(
                    "The model's files cannot be read (" + UserError.reason(e) + "); make them readable", e);
        }
        return Sha256.of(parts.toArray(String[]::new));
    }

    /** Puts the tokenizer, and what says how a chat is written, beside a saved model. */
    void copyTokenizer(Path to) throws IOException {
        TextFiles.copy(textFolder(), to);
        // Which may have another name where it was made.
        Files.copy(tokenizerFile, to.resolve(TextFiles.TOKENIZER), StandardCopyOption.REPLACE_EXISTING);
        if (chatTemplate != null) {
            Files.copy(chatTemplate, to.resolve(ChatTemplate.FILE), StandardCopyOption.REPLACE_EXISTING);
        }
        sayWhatEndsAText(to);
    }

    /** For other programs, where the tokenizer came without it: transformers would else never end a completion. */
    private void sayWhatEndsAText(Path to) throws IOException {
        int end = tokenizer.endOfText();
        Map<String, Object> tokenizerConfig = new LinkedHashMap<>();
        tokenizerConfig.put("tokenizer_class", "PreTrainedTokenizerFast");
        tokenizerConfig.put("eos_token", tokenizer.text(end));
        tokenizerConfig.put("model_max_length", config.maxPositions());
        writeMissing(to.resolve("tokenizer_config.json"), tokenizerConfig);
        if (!JsonMapper.shared()
                .readTree(Files.readString(to.resolve("config.json")))
                .has("eos_token_id")) {
            writeMissing(to.resolve("generation_config.json"), Map.of("eos_token_id", end));
        }
    }

    private static void writeMissing(Path file, Map<String, Object> content) throws IOException {
        if (!Files.exists(file)) {
            Files.writeString(
                    file, JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(content) + "\n");
        }
    }

    @Override
    public void close() {
        format.close();
        tokenizer.close();
    }
}
