package dev.hone.trainer.model;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The shape of a model, as Hugging Face's config.json gives it.
 *
 * @param maxPositions the longest sequence, in tokens
 * @param ropes the rotary positions of each layer
 * @param attentionScale what the products of queries and keys are multiplied by
 * @param attentionSoftcap scores are held within it by tanh; 0: they are not
 * @param finalSoftcap the same of logits
 * @param windows for each layer how many positions a query sees, itself included; 0: all before it
 * @param attentionBias whether q, k and v have a bias
 * @param tieWordEmbeddings whether the classifier is the embedding table
 * @param source the text of the config.json this was read from; empty where it was not
 */
public record ModelConfig(
        Family family,
        int vocabularySize,
        int hiddenSize,
        int intermediateSize,
        int layers,
        int heads,
        int kvHeads,
        int headDim,
        int maxPositions,
        List<RopeConfig> ropes,
        double rmsNormEps,
        double attentionScale,
        double attentionSoftcap,
        double finalSoftcap,
        List<Integer> windows,
        boolean attentionBias,
        boolean tieWordEmbeddings,
        String source) {

    public ModelConfig {
        require(vocabularySize >= 1, "vocab_size", vocabularySize, "1 or more");
        require(hiddenSize >= 1, "hidden_size", hiddenSize, "1 or more");
        require(intermediateSize >= 1, "intermediate_size", intermediateSize, "1 or more");
        require(layers >= 1, "num_hidden_layers", layers, "1 or more");
        require(heads >= 1, "num_attention_heads", heads, "1 or more");
        require(
                kvHeads >= 1 && heads % kvHeads == 0,
                "num_key_value_heads",
                kvHeads,
                "a divisor of num_attention_heads (" + heads + ")");
        require(headDim >= 2 && headDim % 2 == 0, "head_dim", headDim, "even, 2 or more");
        require(maxPositions >= 1, "max_position_embeddings", maxPositions, "1 or more");
        require(ropes.size() == layers, "num_hidden_layers", layers, "the number of ropes, " + ropes.size());
        ropes.forEach(rope -> require(rope.theta() > 0, "rope_theta", rope.theta(), "positive"));
        require(rmsNormEps >= 0, "rms_norm_eps", rmsNormEps, "0 or more");
        require(windows.size() == layers, "layer_types", windows.size() + " long", "one a layer, " + layers);
        ropes = List.copyOf(ropes);
        windows = List.copyOf(windows);
    }

    /** A model of Llama's form, or with {@code attentionBias} of Qwen2's. */
    public ModelConfig(
            int vocabularySize,
            int hiddenSize,
            int intermediateSize,
            int layers,
            int heads,
            int kvHeads,
            int headDim,
            int maxPositions,
            double ropeTheta,
            double rmsNormEps,
            boolean attentionBias,
            boolean tieWordEmbeddings) {
        this(
                attentionBias ? Family.QWEN2 : Family.LLAMA,
                vocabularySize,
                hiddenSize,
                intermediateSize,
                layers,
                heads,
                kvHeads,
                headDim,
                maxPositions,
                Collections.nCopies(Math.max(layers, 0), new RopeConfig(ropeTheta, headDim, new RopeScaling.None())),
                rmsNormEps,
                1 / Math.sqrt(headDim),
                0,
                0,
                Collections.nCopies(Math.max(layers, 0), 0),
                attentionBias,
                tieWordEmbeddings,
                "");
    }

    /**
     * Reads {@code config.json} of a model folder.
     *
     * @throws UserError where it is missing, no JSON, lacks a key, or asks for arithmetic that is not built here
     */
    public static ModelConfig read(Path folder) {
        Path file = folder.resolve("config.json");
        try {
            String text = Files.readString(file);
            return new ConfigReader(JsonMapper.shared().readTree(text), text).read();
        } catch (NoSuchFileException e) {
            throw new UserError(
                    file + ": no such file; give a folder with config.json, model.safetensors and tokenizer.json", e);
        } catch (UserError e) {
            throw new UserError(file + ": " + e.getMessage(), e);
        } catch (IOException | JacksonException e) {
            throw new UserError(
                    file + ": not readable as JSON (" + UserError.reason(e) + "); fetch the model again", e);
        }
    }

    /**
     * Writes {@code config.json} into a model folder, as transformers reads it: where this was read from one, that one.
     *
     * @param dtype of the weights beside it, as PyTorch names it
     */
    public void write(Path folder, String dtype) throws IOException {
        ObjectNode json = source.isEmpty()
                ? described()
                : (ObjectNode) JsonMapper.shared().readTree(source);
        // transformers 5 calls it dtype, and reads the older name too.
        json.put(json.has("dtype") ? "dtype" : "torch_dtype", dtype);
        String text = JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(json);
        Files.writeString(folder.resolve("config.json"), text + "\n");
    }

    /** {@link #write(Path, String)} for weights in single precision. */
    public void write(Path folder) throws IOException {
        write(folder, "float32");
    }

    /** What a model made here is. */
    private ObjectNode described() {
        ObjectNode json = JsonMapper.shared().createObjectNode();
        json.putArray("architectures").add(family.architecture());
        return json.put("model_type", family.modelType())
                .put("vocab_size", vocabularySize)
                .put("hidden_size", hiddenSize)
                .put("intermediate_size", intermediateSize)
                .put("num_hidden_layers", layers)
                .put("num_attention_heads", heads)
                .put("num_key_value_heads", kvHeads)
                .put("head_dim", headDim)
                .put("max_position_embeddings", maxPositions)
                .put("rope_theta", ropeTheta())
                .put("rms_norm_eps", rmsNormEps)
                .put("hidden_act", "silu")
                .put("tie_word_embeddings", tieWordEmbeddings);
    }

    /** The base of the first layer's rotary frequencies. */
    public double ropeTheta() {
        return ropes.get(0).theta();
    }

    /** Columns of queries, keys and values together. */
    public int qkvSize() {
        return (heads + 2 * kvHeads) * headDim;
    }

    /** Columns of the queries, and of attention's output. */
    public int querySize() {
        return heads * headDim;
    }

    /** Columns of the keys, and of the values. */
    public int keySize() {
        return kvHeads * headDim;
    }

    private static void require(boolean holds, String key, Object value, String range) {
        if (!holds) {
            throw new UserError(key + " is " + value + " but must be " + range);
        }
    }
}
