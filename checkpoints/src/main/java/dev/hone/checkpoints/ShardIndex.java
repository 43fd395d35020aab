package dev.hone.checkpoints;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code model.safetensors.index.json}: which shard of a model folder holds which tensor. */
record ShardIndex(Path file, Map<String, String> weightMap) {

    private static final JsonMapper JSON = new JsonMapper();

    static ShardIndex read(Path file) {
        JsonNode weightMap;
        try {
            weightMap = JSON.readTree(file).path("weight_map");
        } catch (JacksonException e) {
            throw new CheckpointException(
                    file + " is not valid JSON: " + e.getOriginalMessage() + "; fetch the model folder again");
        }
        Map<String, String> shards = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> property : weightMap.properties()) {
            String shard = property.getValue().asString("");
            // A name from a file others wrote: it must not lead out of the folder.
            if (!shard.endsWith(".safetensors") || shard.contains("/") || shard.contains("\\")) {
                throw new CheckpointException(file + ": weight_map." + property.getKey() + " is " + property.getValue()
                        + ", the name of a .safetensors file beside it expected; fetch the model folder again");
            }
            shards.put(property.getKey(), shard);
        }
        if (shards.isEmpty()) {
            throw new CheckpointException(
                    file + " has no weight_map from tensor to shard; fetch the model folder again");
        }
        return new ShardIndex(file, shards);
    }

    /** The shards' file names, each once, sorted. */
    Set<String> files() {
        return new TreeSet<>(weightMap.values());
    }

    /** Throws unless the shards hold exactly the tensors listed here. */
    void check(Set<String> found) {
        for (String name : weightMap.keySet()) {
            if (!found.contains(name)) {
                throw new CheckpointException(file + " lists tensor '" + name + "', " + weightMap.get(name)
                        + " does not hold it; fetch the model folder again");
            }
        }
        for (String name : found) {
            if (!weightMap.containsKey(name)) {
                throw new CheckpointException(
                        file + " does not list tensor '" + name + "' of its shards; fetch the model folder again");
            }
        }
    }
}
