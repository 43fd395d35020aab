package dev.hone.trainer.recipe;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Describes every key a recipe may have, as Markdown tables. */
public final class RecipeDocs {

    private RecipeDocs() {}

    /** The tables of docs/recipes.md: one for the recipe and one for each section. */
    public static String tables() {
        Map<Class<?>, String> sections = new LinkedHashMap<>();
        collect(Recipe.class, "", sections);
        StringBuilder text = new StringBuilder();
        sections.forEach((type, path) -> table(type, path, text));
        return text.toString();
    }

    private static void collect(Class<?> type, String path, Map<Class<?>, String> sections) {
        if (sections.putIfAbsent(type, path) != null) {
            return;
        }
        for (RecordComponent component : type.getRecordComponents()) {
            Class<?> section = element(component);
            if (section.isRecord()) {
                String name = Declarations.name(component) + (component.getType() == List.class ? "[]" : "");
                collect(section, path.isEmpty() ? name : path + "." + name, sections);
            }
        }
    }

    private static void table(Class<?> type, String path, StringBuilder text) {
        text.append("## ")
                .append(path.isEmpty() ? "The recipe" : "`" + path + "`")
                .append("\n\n");
        text.append("| key | value | default | meaning |\n| --- | --- | --- | --- |\n");
        for (RecordComponent component : type.getRecordComponents()) {
            Key key = Declarations.key(component);
            text.append("| `")
                    .append(Declarations.name(component))
                    .append("` | ")
                    .append(value(component, key));
            text.append(" | ")
                    .append(fallback(component))
                    .append(" | ")
                    .append(key.value())
                    .append(" |\n");
        }
        text.append("\n");
    }

    private static String value(RecordComponent component, Key key) {
        String one = key.choices().length > 0 ? "`" + String.join("`, `", key.choices()) + "`" : one(component, key);
        return component.getType() == List.class ? "list of: " + one : one;
    }

    private static String one(RecordComponent component, Key key) {
        Class<?> type = element(component);
        boolean whole = type != double.class && type != Double.class;
        return type.isRecord()
                ? "section"
                : type == boolean.class
                        ? "`true` or `false`"
                        : type == String.class
                                ? "text"
                                : type == Path.class
                                        ? "path"
                                        : (whole ? "whole number" : "number") + Declarations.range(key, whole);
    }

    private static String fallback(RecordComponent component) {
        String fallback = Declarations.fallback(component);
        if (!fallback.isEmpty()) {
            return "`" + fallback + "`";
        }
        boolean optional = component.getAnnotatedType().isAnnotationPresent(Nullable.class)
                || component.getType() == List.class
                || (component.getType().isRecord() && component.getType() != ModelKeys.class);
        return optional ? "" : "required";
    }

    private static Class<?> element(RecordComponent component) {
        return component.getGenericType() instanceof ParameterizedType list
                ? (Class<?>) list.getActualTypeArguments()[0]
                : component.getType();
    }
}
