package dev.hone.trainer.recipe;

import dev.hone.datasets.UserError;
import dev.hone.datasets.YamlFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * A YAML file as a tree that still knows the line of each key.
 *
 * @param lines by JSON pointer
 * @param changed what keys were given on the command line, by JSON pointer
 */
record YamlTree(Path file, JsonNode root, Map<String, Integer> lines, Map<String, String> changed) {

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
            return new YamlTree(
                    file, root.isMissingNode() ? JsonNodeFactory.instance.objectNode() : root, lines(text), Map.of());
        } catch (JacksonException e) {
            YamlFault fault = YamlFault.of(e);
            throw new UserError(
                    file + ":" + fault.line() + ": not valid YAML: " + fault.problem() + "; correct that line");
        }
    }

    /** The tree with one key changed, {@code sft.max_steps=9}; sections on the way are made where they are missing. */
    YamlTree with(String change) {
        int equals = change.indexOf('=');
        if (equals < 1) {
            throw new UserError("--set " + change + ": expected key=value, as in --set sft.learning_rate=1e-4");
        }
        String key = change.substring(0, equals).strip();
        String pointer = "/" + key.replace('.', '/');
        if (!(root instanceof ObjectNode sections)) {
            return this; // no recipe at all, as the binder says
        }
        ObjectNode copy = sections.deepCopy();
        try {
            JsonPointer at = JsonPointer.compile(pointer);
            JsonNode value = MAPPER.readTree(change.substring(equals + 1));
            JsonNode parent = made(copy, at.head(), key);
            JsonNode given = value.isMissingNode() ? JsonNodeFactory.instance.nullNode() : value;
            if (parent instanceof ObjectNode section) {
                section.set(at.last().getMatchingProperty(), given);
            } else if (parent instanceof ArrayNode list && list.has(at.last().getMatchingIndex())) {
                list.set(at.last().getMatchingIndex(), given);
            } else {
                throw new UserError("--set " + change + ": there is no " + key + " to change in " + file);
            }
        } catch (JacksonException e) {
            throw new UserError("--set " + change + ": the value is not valid YAML: "
                    + YamlFault.of(e).problem());
        }
        Map<String, String> more = new HashMap<>(changed);
        more.put(pointer, "--set " + change);
        return new YamlTree(file, copy, lines, more);
    }

    private JsonNode made(ObjectNode from, JsonPointer section, String key) {
        JsonNode at = from;
        for (JsonPointer rest = section; !rest.matches(); rest = rest.tail()) {
            String name = rest.getMatchingProperty();
            JsonNode next = at.isArray() ? at.path(rest.getMatchingIndex()) : at.path(name);
            if (at instanceof ObjectNode object && (next.isMissingNode() || next.isNull())) {
                next = object.putObject(name);
            } else if (!next.isContainer()) {
                throw new UserError("--set " + key + ": there is no such section in " + file);
            }
            at = next;
        }
        return at;
    }

    /** {@code file:line} of the key at a JSON pointer, or of the nearest key around it, or what changed it. */
    String where(String pointer) {
        for (String at = pointer; !at.isEmpty(); at = at.substring(0, at.lastIndexOf('/'))) {
            if (changed.containsKey(at)) {
                return String.valueOf(changed.get(at));
            }
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
