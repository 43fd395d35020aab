package dev.hone.trainer.recipe;

import dev.hone.datasets.Nearest;
import dev.hone.datasets.UserError;
import dev.hone.trainer.hub.Repository;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Fills records from a tree by the {@link Key} of each component, and refuses what does not fit with the file, line and
 * key. Jackson's own binding knows neither the line of a key nor its range.
 */
final class Binder {

    private static final YAMLMapper YAML = new YAMLMapper();

    /** The largest double below 2^63: what is above it is no long. */
    private static final double LARGEST_LONG = 0x1.fffffffffffffp62;

    private static final JsonNode NOTHING = JsonNodeFactory.instance.objectNode();

    private final YamlTree tree;

    Binder(YamlTree tree) {
        this.tree = tree;
    }

    <R extends Record> R bind(Class<R> type) {
        return type.cast(record(type, tree.root(), ""));
    }

    private Object record(Class<?> type, JsonNode node, String pointer) {
        if (!node.isObject()) {
            throw wrong(pointer, "a section with keys", node, "indent its keys below it");
        }
        RecordComponent[] components = type.getRecordComponents();
        refuseUnknown(node, components, pointer);
        Object[] values = new Object[components.length];
        for (int i = 0; i < values.length; i++) {
            Key key = Declarations.key(components[i]);
            String name = Declarations.name(components[i]);
            JsonNode value = node.path(name);
            if (!key.inherits().isEmpty()) {
                value = merged(node.path(key.inherits()), value);
            }
            values[i] = component(components[i], key, value, pointer + "/" + name);
        }
        try {
            return type.getDeclaredConstructor(Arrays.stream(components)
                            .map(RecordComponent::getType)
                            .toArray(Class<?>[]::new))
                    .newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Cannot create " + type, e);
        }
    }

    private @Nullable Object component(RecordComponent component, Key key, JsonNode node, String pointer) {
        AnnotatedType type = component.getAnnotatedType();
        if (!node.isMissingNode() && !node.isNull()) {
            return value(component.getGenericType(), key, node, pointer);
        }
        String fallback = Declarations.fallback(component);
        if (!fallback.isEmpty()) {
            return value(component.getGenericType(), key, YAML.readTree(fallback), pointer);
        }
        if (type.isAnnotationPresent(Nullable.class)) {
            return null;
        }
        if (component.getType() == List.class) {
            return List.of();
        }
        if (component.getType().isRecord() && !hasRequiredKeys(component.getType())) {
            return record(component.getType(), NOTHING, pointer);
        }
        throw new UserError(tree.where(pointer) + ": the key " + path(pointer) + " is missing; add it: " + key.value());
    }

    private static boolean hasRequiredKeys(Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .anyMatch(c -> Declarations.fallback(c).isEmpty()
                        && !c.getAnnotatedType().isAnnotationPresent(Nullable.class)
                        && c.getType() != List.class);
    }

    private Object value(Type type, Key key, JsonNode node, String pointer) {
        if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
            Type element = list.getActualTypeArguments()[0];
            if (node.isString() && element == String.class) {
                return List.of(value(element, key, node, pointer)); // as PEFT's target_modules: all-linear
            }
            if (!node.isArray()) {
                throw wrong(pointer, "a list", node, "write each entry on its own line after \"- \"");
            }
            List<Object> values = new ArrayList<>();
            for (int i = 0; i < node.size(); i++) {
                values.add(value(element, key, node.get(i), pointer + "/" + i));
            }
            return List.copyOf(values);
        }
        Class<?> plain = (Class<?>) type;
        if (plain.isRecord()) {
            return record(plain, node, pointer);
        }
        if (plain == boolean.class) {
            if (!node.isBoolean()) {
                throw wrong(pointer, "true or false", node, "write one of them");
            }
            return node.booleanValue();
        }
        if (plain == String.class || plain == Path.class) {
            if (!node.isValueNode()) {
                throw wrong(pointer, "text", node, "write a single value");
            }
            String text = node.asString();
            if (key.choices().length > 0 && !Arrays.asList(key.choices()).contains(text)) {
                String meant = Nearest.meant(text, List.of(key.choices()));
                throw wrong(
                        pointer,
                        "one of " + String.join(", ", key.choices()),
                        node,
                        meant.isEmpty() ? "choose one of these" : meant);
            }
            return plain == Path.class ? resolved(Path.of(text), key) : text;
        }
        return number(plain, key, node, pointer);
    }

    /** YAML 1.1 takes {@code 1e-4} for text, so text that reads as a number is one. */
    private Object number(Class<?> type, Key key, JsonNode node, String pointer) {
        boolean whole = type != double.class && type != Double.class;
        String expected = (whole ? "a whole number" : "a number") + Declarations.range(key, whole);
        double value;
        try {
            value = node.isNumber() || node.isString() ? Double.parseDouble(node.asString()) : Double.NaN;
        } catch (NumberFormatException e) {
            value = Double.NaN;
        }
        if (!Double.isFinite(value) || (whole && value != Math.rint(value))) {
            throw wrong(pointer, expected, node, "write such a number");
        }
        if (value < key.min()
                || value > key.max()
                || (whole && Math.abs(value) > (type == long.class ? LARGEST_LONG : Integer.MAX_VALUE))) {
            throw wrong(pointer, expected, node, "choose a value in that range");
        }
        if (type == long.class) {
            return node.isIntegralNumber() ? node.longValue() : (Object) (long) value;
        }
        return whole ? (Object) (int) value : (Object) value;
    }

    private void refuseUnknown(JsonNode node, RecordComponent[] components, String pointer) {
        String[] known = Arrays.stream(components).map(Declarations::name).toArray(String[]::new);
        for (String name : node.propertyNames()) {
            if (!Arrays.asList(known).contains(name)) {
                String meant = Nearest.meant(name, List.of(known));
                throw new UserError(tree.where(pointer + "/" + name) + ": unknown key " + path(pointer + "/" + name)
                        + "; " + (meant.isEmpty() ? "" : meant + " ") + "docs/recipes.md lists all keys");
            }
        }
    }

    private UserError wrong(String pointer, String expected, JsonNode found, String remedy) {
        String shown = found.isObject() ? "a section" : found.isArray() ? "a list" : found.toString();
        String key = pointer.isEmpty() ? "a recipe" : path(pointer);
        return new UserError(
                tree.where(pointer) + ": " + key + ": expected " + expected + ", found " + shown + "; " + remedy);
    }

    /** Paths in a recipe are relative to it, so that it works from wherever hone is started. */
    private Path resolved(Path path, Key key) {
        if (key.described() && !path.toString().matches(".*\\.ya?ml")) {
            return path;
        }
        Path file = tree.file().toAbsolutePath();
        Path resolved = file.resolveSibling(path).normalize();
        boolean isThere = Files.exists(resolved) || Files.exists(file.resolveSibling(path.getName(0)));
        return key.hub() && !isThere && Repository.isMeant(path) ? path : resolved;
    }

    private static JsonNode merged(JsonNode below, JsonNode above) {
        if (!below.isObject() || !(above.isObject() || above.isMissingNode() || above.isNull())) {
            return above;
        }
        ObjectNode merged = ((ObjectNode) below).deepCopy();
        above.properties().forEach(entry -> merged.set(entry.getKey(), entry.getValue()));
        return merged;
    }

    /** {@code /domains/0/name} reads {@code domains[0].name}. */
    private static String path(String pointer) {
        return Arrays.stream(pointer.substring(Math.min(1, pointer.length())).split("/"))
                .map(part -> part.chars().allMatch(Character::isDigit) ? "[" + part + "]" : "." + part)
                .collect(Collectors.joining())
                .replaceFirst("^\\.", "");
    }
}
