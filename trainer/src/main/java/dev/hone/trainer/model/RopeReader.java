package dev.hone.trainer.model;

import dev.hone.datasets.UserError;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Rotary positions as config.json gives them: transformers 5 in {@code rope_parameters}, one object for all layers or one a
 * kind of layer; before it in {@code rope_theta}, {@code rope_scaling} and keys beside them.
 */
final class RopeReader {

    /** Keys of a scaling that are read here. */
    private static final Set<String> KNOWN = Set.of(
            "rope_type",
            "type",
            "rope_theta",
            "partial_rotary_factor",
            "factor",
            "original_max_position_embeddings",
            "low_freq_factor",
            "high_freq_factor",
            "attention_factor",
            "beta_fast",
            "beta_slow",
            "truncate",
            "short_factor",
            "long_factor");

    private final JsonNode json;
    private final Family family;
    private final int headDim;
    private final int maxPositions;

    RopeReader(JsonNode json, Family family, int headDim, int maxPositions) {
        this.json = json;
        this.family = family;
        this.headDim = headDim;
        this.maxPositions = maxPositions;
    }

    /** Of layers that see all positions before them. */
    RopeConfig global() {
        JsonNode parameters = json.path("rope_parameters");
        double theta = json.path("rope_theta").asDouble(family.usualRopeTheta());
        if (parameters.has("full_attention")) {
            return read("rope_parameters.full_attention", parameters.path("full_attention"), theta);
        }
        if (parameters.isObject()) {
            return read("rope_parameters", parameters, theta);
        }
        return read("rope_scaling", json.path("rope_scaling"), theta);
    }

    /** Of Gemma 3's layers with a sliding window. */
    RopeConfig local() {
        JsonNode parameters = json.path("rope_parameters");
        if (parameters.has("sliding_attention")) {
            return read("rope_parameters.sliding_attention", parameters.path("sliding_attention"), 10_000);
        }
        double theta = json.path("rope_local_base_freq").asDouble(10_000);
        return new RopeConfig(theta, headDim, new RopeScaling.None());
    }

    private RopeConfig read(String where, JsonNode node, double theta) {
        for (String key : node.propertyNames()) {
            if (!KNOWN.contains(key) && !node.path(key).isNull()) {
                throw new UserError(where + "." + key + " is " + node.path(key)
                        + ", a key hone does not know; choose another model, or remove it if it changes nothing");
            }
        }
        double share = node.path("partial_rotary_factor")
                .asDouble(json.path("partial_rotary_factor").asDouble(1));
        int rotaryDim = (int) (headDim * share);
        if (share != 1 && family != Family.PHI3) {
            throw new UserError(where + ".partial_rotary_factor is " + share + ", which hone cannot compute for "
                    + family.architecture() + " (only 1.0); choose another model");
        }
        if (share != 1 && (rotaryDim < 2 || rotaryDim % 2 != 0 || rotaryDim > headDim)) {
            throw new UserError("partial_rotary_factor is " + share + " but must rotate an even number of a head's "
                    + headDim + " elements");
        }
        return new RopeConfig(node.path("rope_theta").asDouble(theta), rotaryDim, scaling(where, node, rotaryDim));
    }

    private RopeScaling scaling(String where, JsonNode node, int rotaryDim) {
        String type = node.path("rope_type").asString(node.path("type").asString("default"));
        if (family == Family.PHI3 && (type.equals("su") || type.equals("yarn"))) {
            type = "longrope"; // what the first Phi-3 models called it
        }
        return switch (type) {
            case "default" -> new RopeScaling.None();
            case "linear" -> new RopeScaling.Linear(number(where, node, "factor"));
            case "dynamic" -> new RopeScaling.Dynamic(number(where, node, "factor"), maxPositions);
            case "llama3" ->
                new RopeScaling.Llama3(
                        number(where, node, "factor"),
                        number(where, node, "low_freq_factor"),
                        number(where, node, "high_freq_factor"),
                        original(where, node));
            case "yarn" -> yarn(where, node);
            case "longrope" -> longRope(where, node, rotaryDim);
            default ->
                throw new UserError(where + ".rope_type is '" + type
                        + "' but must be default, linear, dynamic, llama3, yarn or longrope; choose another model");
        };
    }

    private RopeScaling yarn(String where, JsonNode node) {
        double factor = number(where, node, "factor");
        // Peng et al. 2023, equation 22.
        double amplitude = factor <= 1 ? 1 : 0.1 * Math.log(factor) + 1;
        return new RopeScaling.Yarn(
                factor,
                node.path("attention_factor").asDouble(amplitude),
                node.path("beta_fast").asDouble(32),
                node.path("beta_slow").asDouble(1),
                original(where, node),
                node.path("truncate").asBoolean(true));
    }

    private RopeScaling longRope(String where, JsonNode node, int rotaryDim) {
        int original = original(where, node);
        double factor = node.path("factor").asDouble(maxPositions / (double) original);
        // Ding et al. 2024, as the reference implementation sets it.
        double amplitude = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
        return new RopeScaling.LongRope(
                factors(where, node, "short_factor", rotaryDim / 2),
                factors(where, node, "long_factor", rotaryDim / 2),
                node.path("attention_factor").asDouble(amplitude),
                original);
    }

    private int original(String where, JsonNode node) {
        JsonNode value = node.path("original_max_position_embeddings");
        return value.isInt()
                ? value.asInt()
                : json.path("original_max_position_embeddings").asInt(maxPositions);
    }

    private static double number(String where, JsonNode node, String key) {
        JsonNode value = node.path(key);
        if (!value.isNumber()) {
            throw new UserError(where + "." + key + (value.isMissingNode() ? " is missing" : " is " + value)
                    + " but must be a number; fetch config.json again");
        }
        return value.asDouble();
    }

    private static List<Double> factors(String where, JsonNode node, String key, int count) {
        JsonNode list = node.path(key);
        if (!list.isArray() || list.size() != count) {
            throw new UserError(
                    where + "." + key + " must be a list of " + count + " numbers; fetch config.json again");
        }
        List<Double> factors = new ArrayList<>();
        list.forEach(factor -> factors.add(factor.asDouble()));
        return List.copyOf(factors);
    }
}
