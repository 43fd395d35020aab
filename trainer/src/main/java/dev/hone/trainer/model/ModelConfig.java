package dev.hone.trainer.model;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The shape of a model, as Hugging Face's config.json gives it, for the Llama, Mistral and Qwen2 architectures. They
 * differ in one thing: Qwen2 adds a bias to queries, keys and values.
 *
 * @param attentionBias whether q, k and v have a bias
 * @param tieWordEmbeddings whether the classifier is the embedding table
 */
public record ModelConfig(
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

    private static final String LLAMA = "LlamaForCausalLM";
    private static final String QWEN2 = "Qwen2ForCausalLM";

    /** Computes as Llama does where it has no sliding window. */
    private static final String MISTRAL = "MistralForCausalLM";

    /** Keys that change the arithmetic in a way not built here, and the value at which they do not. */
    private static final Map<String, JsonNode> NEUTRAL = Map.of(
            "hidden_act", json("\"silu\""),
            "mlp_bias", json("false"),
            "use_sliding_window", json("false"),
            "rope_scaling", json("null"),
            "partial_rotary_factor", json("1.0"),
            "attention_dropout", json("0.0"),
            "pretraining_tp", json("1"),
            "quantization_config", json("null"));

    /** Keys that are read, or whose value changes nothing that is computed here. */
    private static final Set<String> KNOWN = Set.of(
            "architectures",
            "model_type",
            "vocab_size",
            "hidden_size",
            "intermediate_size",
            "num_hidden_layers",
            "num_attention_heads",
            "num_key_value_heads",
            "head_dim",
            "max_position_embeddings",
            "rope_theta",
            "rope_parameters",
            "rms_norm_eps",
            "tie_word_embeddings",
            "attention_bias",
            "sliding_window",
            "max_window_layers",
            "layer_types",
            "initializer_range",
            "use_cache",
            "torch_dtype",
            "dtype",
            "transformers_version",
            "bos_token_id",
            "eos_token_id",
            "pad_token_id",
            "unsloth_version",
            "unsloth_fixed",
            "use_mrope",
            "task_specific_params");

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
        require(ropeTheta > 0, "rope_theta", ropeTheta, "positive");
        require(rmsNormEps >= 0, "rms_norm_eps", rmsNormEps, "0 or more");
    }

    /**
     * Reads {@code config.json} of a model folder.
     *
     * @throws UserError where it is missing, no JSON, lacks a key, or asks for arithmetic that is not built here
     */
    public static ModelConfig read(Path folder) {
        Path file = folder.resolve("config.json");
        try {
            return of(JsonMapper.shared().readTree(Files.readString(file)));
        } catch (NoSuchFileException e) {
            throw new UserError(
                    file + ": no such file; give a folder with config.json, model.safetensors and tokenizer.json", e);
        } catch (UserError e) {
            throw new UserError(file + ": " + e.getMessage(), e);
        } catch (IOException | JacksonException e) {
            throw new UserError(file + ": not readable as JSON (" + e.getMessage() + "); fetch the model again", e);
        }
    }

    private static ModelConfig of(JsonNode json) {
        String architecture = json.path("architectures").path(0).asString("");
        if (!List.of(LLAMA, MISTRAL, QWEN2).contains(architecture)) {
            throw new UserError("architectures is '" + architecture + "' but must be " + LLAMA + ", " + MISTRAL + " or "
                    + QWEN2 + "; convert the model or choose one of these");
        }
        json.properties().forEach(entry -> requireUnderstood(entry.getKey(), entry.getValue()));
        boolean qwen2 = architecture.equals(QWEN2);
        NEUTRAL.forEach((key, neutral) -> requireNeutral(key, json.path(key), neutral));
        if (!qwen2) {
            requireNeutral("attention_bias", json.path("attention_bias"), json("false"));
            // Qwen2 has a switch of its own for it, checked above.
            requireNeutral("sliding_window", json.path("sliding_window"), json("null"));
        }
        for (JsonNode type : json.path("layer_types")) {
            requireNeutral("layer_types", type, json("\"full_attention\""));
        }
        // transformers 5 moved the rotary keys into an object of their own.
        JsonNode rope = json.path("rope_parameters");
        requireNeutral("rope_parameters.rope_type", rope.path("rope_type"), json("\"default\""));
        JsonNode theta = rope.has("rope_theta") ? rope.path("rope_theta") : json.path("rope_theta");
        int hiddenSize = integer(json, "hidden_size");
        int heads = integer(json, "num_attention_heads");
        return new ModelConfig(
                integer(json, "vocab_size"),
                hiddenSize,
                integer(json, "intermediate_size"),
                integer(json, "num_hidden_layers"),
                heads,
                json.hasNonNull("num_key_value_heads") ? integer(json, "num_key_value_heads") : heads,
                json.hasNonNull("head_dim") ? integer(json, "head_dim") : hiddenSize / Math.max(1, heads),
                json.path("max_position_embeddings").asInt(2048),
                theta.asDouble(10000.0),
                json.path("rms_norm_eps").asDouble(1e-6),
                qwen2,
                json.path("tie_word_embeddings").asBoolean(false));
    }

    /** Writes {@code config.json} into a model folder, as transformers reads it. */
    public void write(Path folder) throws IOException {
        ObjectNode json = JsonMapper.shared().createObjectNode();
        json.putArray("architectures").add(attentionBias ? QWEN2 : LLAMA);
        json.put("model_type", attentionBias ? "qwen2" : "llama")
                .put("vocab_size", vocabularySize)
                .put("hidden_size", hiddenSize)
                .put("intermediate_size", intermediateSize)
                .put("num_hidden_layers", layers)
                .put("num_attention_heads", heads)
                .put("num_key_value_heads", kvHeads)
                .put("head_dim", headDim)
                .put("max_position_embeddings", maxPositions)
                .put("rope_theta", ropeTheta)
                .put("rms_norm_eps", rmsNormEps)
                .put("hidden_act", "silu")
                .put("tie_word_embeddings", tieWordEmbeddings)
                .put("torch_dtype", "float32");
        String text = JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(json);
        Files.writeString(folder.resolve("config.json"), text + "\n");
    }

    /** Columns of queries, keys and values together. */
    public int qkvSize() {
        return (heads + 2 * kvHeads) * headDim;
    }

    /** Columns of the queries, and of attention's output. */
    public int querySize() {
        return heads * headDim;
    }

    private static int integer(JsonNode json, String key) {
        JsonNode value = json.path(key);
        if (!value.isInt()) {
            throw new UserError(key + (value.isMissingNode() ? " is missing" : " is " + value)
                    + " but must be a whole number; fetch config.json again");
        }
        return value.asInt();
    }

    /** A key nobody here knows may change the arithmetic, unless it is off or transformers' own bookkeeping. */
    private static void requireUnderstood(String key, JsonNode value) {
        boolean off = value.isNull() || (value.isBoolean() && !value.asBoolean());
        if (!off && !key.startsWith("_") && !KNOWN.contains(key) && !NEUTRAL.containsKey(key)) {
            throw new UserError(key + " is " + value
                    + ", a key hone does not know; choose another model, or remove it if it changes nothing");
        }
    }

    private static void requireNeutral(String key, JsonNode value, JsonNode neutral) {
        boolean same = value.isMissingNode()
                || value.isNull()
                || value.equals(neutral)
                || (value.isNumber() && neutral.isNumber() && value.asDouble() == neutral.asDouble());
        if (!same) {
            throw new UserError(
                    key + " is " + value + ", which hone cannot compute (only " + neutral + "); choose another model");
        }
    }

    private static void require(boolean holds, String key, Object value, String range) {
        if (!holds) {
            throw new UserError(key + " is " + value + " but must be " + range);
        }
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }
}
