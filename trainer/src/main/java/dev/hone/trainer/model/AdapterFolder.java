package dev.hone.trainer.model;

import dev.hone.checkpoints.Safetensors;
import dev.hone.checkpoints.SafetensorsWriter;
import dev.hone.checkpoints.TensorValues;
import dev.hone.datasets.UserError;
import dev.hone.trainer.hub.Hub;
import dev.hone.trainer.hub.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A folder of adapters as PEFT writes and reads it: adapter_config.json and adapter_model.safetensors.
 *
 * @param base the folder of the model the adapters belong to
 */
public record AdapterFolder(Path folder, Path base, LoraConfig lora) {

    private static final String CONFIG = "adapter_config.json";
    private static final String WEIGHTS = "adapter_model.safetensors";
    private static final String BASE = "base_model_name_or_path";

    /** Keys that change what an adapter computes in a way not built here, unless they are off. */
    private static final List<String> OFF = List.of(
            "alora_invocation_tokens",
            "alpha_pattern",
            "arrow_config",
            "corda_config",
            "eva_config",
            "exclude_modules",
            "fan_in_fan_out",
            "kasa_config",
            "layer_replication",
            "layers_to_transform",
            "lora_bias",
            "megatron_config",
            "modules_to_save",
            "monteclora_config",
            "rank_pattern",
            "target_parameters",
            "trainable_token_indices",
            "use_bdlora",
            "use_qalora",
            "velora_config");

    /** Whether a folder holds adapters. */
    public static boolean isOne(Path folder) {
        return Files.isRegularFile(folder.resolve(CONFIG));
    }

    /** The folder of the model that adapters belong to; of a model its own. */
    public static Path modelOf(Path folder) {
        return isOne(folder) ? read(folder).base() : folder;
    }

    /** Throws {@link UserError} where the configuration asks for what is not built, or its model is not there. */
    public static AdapterFolder read(Path folder) {
        Path file = folder.resolve(CONFIG);
        JsonNode json = json(file);
        require(file, json, "peft_type", json.path("peft_type").asString("").equals("LORA"), "LORA");
        require(file, json, "bias", json.path("bias").asString("none").equals("none"), "none");
        for (String key : OFF) {
            JsonNode value = json.path(key);
            boolean off = value.isMissingNode() || value.isNull() || value.isEmpty() && value.isContainer();
            require(file, json, key, off || value.isBoolean() && !value.asBoolean(), "off");
        }
        require(file, json, "r", json.path("r").isInt(), "a whole number");
        int rank = json.path("r").asInt();
        LoraConfig lora = new LoraConfig(
                rank,
                json.path("lora_alpha").asDouble(rank),
                json.path("use_rslora").asBoolean(false),
                json.path("use_dora").asBoolean(false),
                targets(folder, json.path("target_modules")),
                0);
        return new AdapterFolder(folder, base(folder, json), lora);
    }

    /** The model of the Hub that adapters belong to, where it is no folder here. */
    public static Optional<Repository> baseOnHub(Path folder) {
        JsonNode json = json(folder.resolve(CONFIG));
        String named = json.path(BASE).asString("");
        boolean here = folders(folder, named).stream().anyMatch(AdapterFolder::isModel);
        return here || !Repository.isMeant(Path.of(named)) ? Optional.empty() : Optional.of(repository(json));
    }

    private static Repository repository(JsonNode json) {
        String revision = json.path("revision").asString("");
        return Repository.of(json.path(BASE).asString("") + (revision.isEmpty() ? "" : "@" + revision));
    }

    private static JsonNode json(Path file) {
        try {
            return JsonMapper.shared().readTree(Files.readString(file));
        } catch (IOException | JacksonException e) {
            throw new UserError(
                    file + ": not readable as JSON (" + UserError.reason(e) + "); fetch the adapter again", e);
        }
    }

    private static void require(Path file, JsonNode json, String key, boolean holds, String expected) {
        if (!holds) {
            throw new UserError(file + ": " + key + " is " + json.path(key) + ", which hone cannot compute (only "
                    + expected + "); merge the adapter into its model with PEFT, or choose another");
        }
    }

    /** By the tensors' names where the configuration has a pattern and no list. */
    private static List<String> targets(Path folder, JsonNode targets) {
        Set<String> leaves = new TreeSet<>();
        if (targets.isArray()) {
            targets.forEach(target -> leaves.add(leaf(target.asString(""))));
        } else {
            for (String name :
                    Safetensors.open(folder.resolve(WEIGHTS)).entries().keySet()) {
                leaves.add(leaf(name.replaceFirst("\\.lora_([AB]\\.weight|magnitude_vector)$", "")));
            }
        }
        return new ArrayList<>(leaves);
    }

    private static String leaf(String module) {
        return module.substring(module.lastIndexOf('.') + 1);
    }

    private static Path base(Path folder, JsonNode json) {
        String named = json.path(BASE).asString("");
        return Stream.concat(
                        folders(folder, named).stream(),
                        Stream.of(named)
                                .filter(name -> Repository.isMeant(Path.of(name)))
                                .flatMap(name -> Hub.inCache(repository(json)).stream()))
                .filter(AdapterFolder::isModel)
                .findFirst()
                .map(found -> found.toAbsolutePath().normalize())
                .orElseThrow(() -> new UserError(folder.resolve(CONFIG) + ": " + BASE + " is '" + named
                        + "' but must be the folder of the model the adapter belongs to, or its name on the Hub; put"
                        + " that there"));
    }

    /** Where a path that adapters name may be meant. */
    private static List<Path> folders(Path folder, String named) {
        return named.isEmpty() ? List.of() : List.of(Path.of(named), folder.resolve(named));
    }

    private static boolean isModel(Path folder) {
        return Files.isRegularFile(folder.resolve("config.json"));
    }

    /** Throws {@link UserError} where the file's tensors are not those of {@code adapters}. */
    void readInto(Adapters adapters) {
        Safetensors file = Safetensors.open(folder.resolve(WEIGHTS));
        for (String name : file.entries().keySet()) {
            if (!adapters.named().containsKey(name)) {
                throw new UserError(folder.resolve(WEIGHTS) + " holds the tensor " + name
                        + ", which no adapter here has; give the lora section of the recipe it was trained by");
            }
        }
        LoraConfig own = adapters.config();
        if (own.rank() != lora.rank() || own.scale() != lora.scale() || own.dora() != lora.dora()) {
            throw new UserError(folder.resolve(CONFIG) + " has " + described(lora) + " but the adapters here have "
                    + described(own)
                    + "; give the lora section of the recipe it was trained by");
        }
        adapters.named().forEach(file::read);
        adapters.changed();
    }

    private static String described(LoraConfig lora) {
        return "r " + lora.rank() + ", lora_alpha " + lora.alpha() + ", use_rslora " + lora.rankStabilized()
                + ", use_dora " + lora.dora();
    }

    static void write(Path folder, Path base, Adapters adapters, Map<String, ? extends TensorValues> values) {
        LoraConfig lora = adapters.config();
        ObjectNode json = JsonMapper.shared().createObjectNode();
        json.put("peft_type", "LORA")
                .put("task_type", "CAUSAL_LM")
                .put("base_model_name_or_path", base.toString())
                .put("r", lora.rank())
                .put("lora_alpha", lora.alpha())
                .put("lora_dropout", 0.0)
                .put("use_rslora", lora.rankStabilized())
                .put("use_dora", lora.dora())
                .put("bias", "none")
                .put("fan_in_fan_out", false)
                .put("inference_mode", true);
        ArrayList<String> targets = new ArrayList<>(adapters.leaves());
        json.set("target_modules", JsonMapper.shared().valueToTree(targets));
        try {
            String text = JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(json);
            Files.writeString(folder.resolve(CONFIG), text + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        SafetensorsWriter.writeValues(folder.resolve(WEIGHTS), values, Map.of("format", "pt"));
    }
}
