package dev.hone.trainer.recipe;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.hone.datasets.UserError;
import dev.hone.datasets.WholeFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.ToStringSerializer;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/** Writes a recipe with all defaults filled in and all paths absolute, as a run keeps it. */
public final class RecipeWriter {

    private static final YAMLMapper YAML = YAMLMapper.builder()
            .propertyNamingStrategy(new PropertyNamingStrategies.NamingBase() {
                @Override
                public String translate(String name) {
                    return Declarations.name(name);
                }
            })
            .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_EMPTY))
            // Jackson's own form of a path is a file: URL.
            .addModule(new SimpleModule().addSerializer(Path.class, new ToStringSerializer(Path.class)))
            .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
            .build();

    private RecipeWriter() {}

    /** The recipe as {@link #write} writes it. */
    public static String text(Recipe recipe) {
        return YAML.writeValueAsString(recipe);
    }

    /** Every key with its value, as {@code sft.learning_rate} and {@code domains.0.name}. */
    public static Map<String, String> flat(Recipe recipe) {
        Map<String, String> flat = new LinkedHashMap<>();
        flatten("", YAML.readTree(text(recipe)), flat);
        return flat;
    }

    private static void flatten(String prefix, JsonNode node, Map<String, String> flat) {
        if (node.isObject()) {
            node.properties().forEach(entry -> flatten(prefix + entry.getKey() + ".", entry.getValue(), flat));
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                flatten(prefix + i + ".", node.get(i), flat);
            }
        } else {
            flat.put(prefix.substring(0, Math.max(0, prefix.length() - 1)), node.asString(""));
        }
    }

    /** Writes the file whole or not at all. Throws {@link UserError} naming it when it cannot be written. */
    public static void write(Path file, Recipe recipe) {
        WholeFile.write(
                file,
                writer -> writer.write(text(recipe)),
                e -> new UserError(
                        "Cannot write " + file + " (" + e.getMessage() + "); choose a directory you may write to", e));
    }
}
