package dev.hone.trainer.model;

import dev.hone.datasets.UserError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** From the keys of config.json to a {@link ModelConfig}; what is not understood is refused by name. */
final class ConfigReader {

    /** More than any model has; what says more is damaged. */
    private static final int MOST_LAYERS = 10_000;

    /** Keys that change the arithmetic in a way not built here, and the value at which they do not. */
    private static final Map<String, JsonNode> NEUTRAL = Map.of(
            "attention_bias", json("false"),
            "mlp_bias", json("false"),
            "attention_dropout", json("0.0"),
            "embd_pdrop", json("0.0"),
            "resid_pdrop", json("0.0"),
            "use_bidirectional_attention", json("false"),
            "full_attn_mod", json("1"),
            "interpolate_factor", json("1"),
            "quantization_config", json("null"));

    /** Keys that are read, or whose value changes nothing that is computed here. */
    private static final Set<String> KNOWN = Set.of(
            "architectures",
            "model_type",
            "auto_map",
            "vocab_size",
            "hidden_size",
            "intermediate_size",
            "num_hidden_layers",
            "num_attention_heads",
            "num_key_value_heads",
            "head_dim",
            "max_position_embeddings",
            "original_max_position_embeddings",
            "rope_theta",
            "rope_local_base_freq",
            "rope_scaling",
            "rope_parameters",
            "partial_rotary_factor",
            "rms_norm_eps",
            "tie_word_embeddings",
            "hidden_act",
            "hidden_activation",
            "query_pre_attn_scalar",
            "attn_logit_softcapping",
            "final_logit_softcapping",
            "sliding_window",
            "sliding_window_pattern",
            "use_sliding_window",
            "max_window_layers",
            "layer_types",
            "no_rope_layers",
            "no_rope_layer_interval",
            "pretraining_tp",
            "initializer_range",
            "use_cache",
            "tokenizer_class",
            "problem_type",
            "return_dict",
            "id2label",
            "label2id",
            "chunk_size_feed_forward",
            "sep_token_id",
            "decoder_start_token_id",
            "finetuning_task",
            "cache_implementation",
            "torch_dtype",
            "dtype",
            "transformers_version",
            "bos_token_id",
            "eos_token_id",
            "pad_token_id",
            "unsloth_version",
            "unsloth_fixed",
            "use_mrope",
            "task_specific_params",
            "is_llama_config",
            "transformers.js_config");

    /** Of which not all families know. */
    private static final Map<String, Set<Family>> OF_FAMILIES = Map.of(
            "attn_logit_softcapping", Set.of(Family.GEMMA2, Family.GEMMA3),
            "final_logit_softcapping", Set.of(Family.GEMMA2, Family.GEMMA3),
            "query_pre_attn_scalar", Set.of(Family.GEMMA2, Family.GEMMA3),
            "partial_rotary_factor", Set.of(Family.PHI3),
            "no_rope_layers", Set.of(Family.SMOLLM3),
            "no_rope_layer_interval", Set.of(Family.SMOLLM3));

    private final JsonNode json;
    private final String source;
    private final Family family;

    ConfigReader(JsonNode json, String source) {
        this.json = json;
        this.source = source;
        this.family = Family.of(json.path("architectures").path(0).asString(""));
    }

    ModelConfig read() {
        json.properties().forEach(entry -> requireUnderstood(entry.getKey(), entry.getValue()));
        NEUTRAL.forEach(this::requireNeutral);
        OF_FAMILIES.forEach((key, families) -> {
            if (!families.contains(family)) {
                requireNeutral(key, json(key.equals("partial_rotary_factor") ? "1.0" : "null"));
            }
        });
        JsonNode activation = json(family.gelu() ? "\"gelu_pytorch_tanh\"" : "\"silu\"");
        requireNeutral("hidden_act", activation);
        requireNeutral("hidden_activation", activation);
        int hiddenSize = integer("hidden_size");
        int heads = integer("num_attention_heads");
        int layers = integer("num_hidden_layers");
        if (layers < 1 || layers > MOST_LAYERS) {
            throw new UserError("num_hidden_layers is " + layers + " but must be from 1 to " + MOST_LAYERS
                    + "; fetch config.json again");
        }
        int headDim = json.hasNonNull("head_dim")
                ? integer("head_dim")
                : family.usualHeadDim().orElse(hiddenSize / Math.max(1, heads));
        int positions = json.path("max_position_embeddings").asInt(2048);
        int window = window();
        RopeReader ropes = new RopeReader(json, family, headDim, positions);
        int reach = ropes.global().scaling() instanceof RopeScaling.Dynamic dynamic
                ? (int) (positions * dynamic.factor())
                : positions;
        double perScale = family.isGemma() ? json.path("query_pre_attn_scalar").asDouble(256) : headDim;
        return new ModelConfig(
                family,
                integer("vocab_size"),
                hiddenSize,
                integer("intermediate_size"),
                layers,
                heads,
                json.hasNonNull("num_key_value_heads") ? integer("num_key_value_heads") : heads,
                headDim,
                reach,
                ropes(ropes, layers, window),
                json.path("rms_norm_eps").asDouble(family.usualRmsNormEps()),
                1 / Math.sqrt(perScale),
                json.path("attn_logit_softcapping").asDouble(0),
                json.path("final_logit_softcapping").asDouble(0),
                windows(layers, window, reach),
                family == Family.QWEN2,
                json.path("tie_word_embeddings").asBoolean(family.tiedByDefault()),
                source);
    }

    /** How many positions a layer with a window sees; 0: there are no such layers. */
    private int window() {
        boolean sliding =
                switch (family) {
                    case LLAMA, OLMO2 -> {
                        requireNeutral("sliding_window", json("null"));
                        yield false;
                    }
                    case QWEN2, QWEN3, SMOLLM3 ->
                        json.path("use_sliding_window").asBoolean(false);
                    default -> true;
                };
        // Where the key is left out, not null, transformers has one for these.
        int fallback = json.has("sliding_window") || family == Family.PHI3 ? 0 : 4096;
        return sliding ? json.path("sliding_window").asInt(fallback) : 0;
    }

    /** Each layer's window; one that reaches over all positions is none. */
    private List<Integer> windows(int layers, int window, int positions) {
        List<Integer> windows = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            windows.add(isLocal(i, window) && window < positions ? window : 0);
        }
        return windows;
    }

    private List<RopeConfig> ropes(RopeReader reader, int layers, int window) {
        RopeConfig global = reader.global();
        List<RopeConfig> ropes = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            RopeConfig rope =
                    switch (family) {
                        case GEMMA3 -> isLocal(i, window) ? reader.local() : global;
                        case SMOLLM3 -> hasPositions(i) ? global : RopeConfig.NO_POSITIONS;
                        default -> global;
                    };
            ropes.add(rope);
        }
        return ropes;
    }

    /** {@code no_rope_layers} has a 1 for a layer that has them, in spite of its name. */
    private boolean hasPositions(int layer) {
        JsonNode flags = json.path("no_rope_layers");
        if (flags.isArray()) {
            JsonNode flag = flags.path(layer);
            if (!flag.isInt() || flag.asInt() < 0 || flag.asInt() > 1) {
                throw new UserError("no_rope_layers has " + (flag.isMissingNode() ? "nothing" : flag) + " for layer "
                        + layer + " but must have 1 (rotary positions) or 0 (none); fetch config.json again");
            }
            return flag.asInt() == 1;
        }
        int interval = json.path("no_rope_layer_interval").asInt(4);
        if (interval < 1) {
            throw new UserError(
                    "no_rope_layer_interval is " + interval + " but must be 1 or more; fetch config.json again");
        }
        return (layer + 1) % interval != 0;
    }

    private boolean isLocal(int layer, int window) {
        JsonNode types = json.path("layer_types");
        if (types.isArray()) {
            String type = types.path(layer).asString("");
            if (!type.equals("sliding_attention") && !type.equals("full_attention")) {
                throw new UserError("layer_types has '" + type + "' for layer " + layer
                        + " but must have full_attention or sliding_attention; choose another model");
            }
            boolean local = type.equals("sliding_attention");
            if (local && window == 0) {
                throw new UserError(
                        "layer_types has sliding_attention but there is no sliding_window; fetch config.json again");
            }
            return local;
        }
        return switch (family) {
            case QWEN2, QWEN3 -> layer >= json.path("max_window_layers").asInt(28);
            case SMOLLM3 -> !hasPositions(layer);
            case GEMMA2 -> layer % 2 == 0;
            case GEMMA3 -> {
                int pattern = json.path("sliding_window_pattern")
                        .asInt(json.path("_sliding_window_pattern").asInt(6));
                yield (layer + 1) % pattern != 0;
            }
            default -> true;
        };
    }

    private int integer(String key) {
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

    private void requireNeutral(String key, JsonNode neutral) {
        JsonNode value = json.path(key);
        boolean same = value.isMissingNode()
                || value.isNull()
                || value.equals(neutral)
                || (value.isNumber() && neutral.isNumber() && value.asDouble() == neutral.asDouble());
        if (!same) {
            throw new UserError(
                    key + " is " + value + ", which hone cannot compute (only " + neutral + "); choose another model");
        }
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }
}
