package dev.hone.trainer.recipe;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** A YAML file as a tree that still knows the line of each key. */
record YamlTree(Path file, JsonNode root, Map<String, Integer> lines) {

    private static final YAMLMapper MAPPER = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** Throws {@link UserError} where the file is missing, unreadable or no YAML. */
    static YamlTree read(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new UserError(
                    "There is no recipe " + file + "; give the path of a YAML file, such as one in recipes/");
        } catch (IOException e) {
            throw new UserError(
                    "Cannot read the recipe " + file + ": " + e.getMessage() + "; it must be a UTF-8 text file");
        }
        try {
            JsonNode root = MAPPER.readTree(text);
            return new YamlTree(file, root.isMissingNode() ? JsonNodeFactory.instance.objectNode() : root, lines(text));
        } catch (JacksonException e) {
            int line = e.getLocation() == null ? 1 : Math.max(1, e.getLocation().getLineNr());
            throw new UserError(file + ":" + line + ": not valid YAML: "
                    + e.getOriginalMessage().lines().findFirst().orElse("") + "; correct that line");
        }
    }

    /** {@code file:line} of the key at a JSON pointer, or of the nearest key around it. */
    String where(String pointer) {
        for (String at = pointer; !at.isEmpty(); at = at.substring(0, at.lastIndexOf('/'))) {
            Integer line = lines.get(at);
            if (line != null) {
                return file + ":" + line;
            }
        }
        return file.toString();
    }

    private static Map<String, Integer> lines(String text) {
        Map<String, Integer> lines = new HashMap<>();
        try (JsonParser parser = MAPPER.createParser(text)) {
            while (parser.nextToken() != null) {
                lines.putIfAbsent(
                        parser.streamReadContext().pathAsPointer().toString(),
                        parser.currentTokenLocation().getLineNr());
            }
        }
        return lines;
    }
}
