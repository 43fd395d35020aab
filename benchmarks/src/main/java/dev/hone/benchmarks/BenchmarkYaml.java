package dev.hone.benchmarks;

import dev.hone.datasets.UserError;
import dev.hone.datasets.YamlFault;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads descriptions of benchmarks. Jackson reads YAML as plain data: a tag makes no object. */
final class BenchmarkYaml {

    private static final YAMLMapper YAML = YAMLMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .build();

    private BenchmarkYaml() {}

    /** What a file holds; defaults fill in what may be left out. */
    private record Description(
            @Nullable String name,
            @Nullable String domain,
            @Nullable String about,
            @Nullable Origin source,
            @Nullable String licence,
            @Nullable String file,
            @Nullable String id,
            @Nullable String prompt,
            @Nullable String answer,
            @Nullable String answerAfter,
            @Nullable Map<String, String> answers,
            @Nullable List<String> choices,
            @Nullable String verifier,
            @Nullable Map<String, String> verifiers,
            @Nullable Map<String, String> metadata,
            CatalogueEntry.@Nullable RowKind form,
            @Nullable Protocol protocol,
            @Nullable FewShot fewshot) {}

    /** @throws UserError naming the file, and the key that is unknown, missing or of another type */
    static CatalogueEntry read(String file, String text) {
        Description read;
        try {
            read = YAML.readValue(text, Description.class);
        } catch (UnrecognizedPropertyException e) {
            Set<String> known = e.getKnownPropertyIds() == null
                    ? Set.of()
                    : e.getKnownPropertyIds().stream().map(String::valueOf).collect(Collectors.toSet());
            throw new UserError(file + ": "
                    + UserError.unknownName("key", e.getPropertyName(), known).getMessage());
        } catch (DatabindException e) {
            if (e.getCause() instanceof UserError own) {
                throw new UserError(file + ": " + own.getMessage());
            }
            throw new UserError(
                    file + ": " + path(e) + ": expected " + expected(e) + "; docs/benchmarks.md describes the keys");
        } catch (JacksonException e) {
            YamlFault fault = YamlFault.of(e);
            throw new UserError(
                    file + ":" + fault.line() + ": not valid YAML: " + fault.problem() + "; correct that line");
        }
        if (read == null) {
            throw new UserError(file + " is empty; docs/benchmarks.md describes its keys");
        }
        String name = required(file, "name", read.name());
        if (!name.matches("[A-Za-z0-9_.-]+") || name.startsWith(".")) {
            throw new UserError(file + ": name is \"" + name + "\" but it names files: use letters, digits, - and _");
        }
        boolean hasChoices = read.choices() != null && !read.choices().isEmpty();
        CatalogueEntry entry = new CatalogueEntry(
                name,
                orElse(read.domain(), name),
                orElse(read.about(), ""),
                required(file, "source", read.source()),
                orElse(read.licence(), "unknown"),
                read.file(),
                read.id(),
                required(file, "prompt", read.prompt()),
                hasChoices ? "" : required(file, "answer", read.answer()),
                read.answerAfter(),
                orElse(read.answers(), Map.of()),
                null,
                orElse(read.choices(), List.of()),
                required(file, "verifier", read.verifier()),
                orElse(read.verifiers(), Map.of()),
                orElse(read.metadata(), Map.of()),
                orElse(read.form(), CatalogueEntry.RowKind.FIELDS),
                required(file, "protocol", read.protocol()),
                read.fewshot());
        entry.verifiers().keySet().forEach(pattern -> requirePattern(file, pattern));
        inside(file, entry);
        return entry;
    }

    private static void requirePattern(String file, String pattern) {
        try {
            Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            throw new UserError(
                    file + ": verifiers: \"" + pattern + "\" is no regular expression: " + e.getDescription());
        }
    }

    /** A description may be a stranger's: what it names lies in the folder of benchmarks. */
    private static void inside(String file, CatalogueEntry entry) {
        List<String> paths = new ArrayList<>(entry.source().files());
        if (entry.file() != null) {
            paths.add(entry.file());
        }
        if (entry.fewshot() != null) {
            paths.addAll(entry.fewshot().files());
            if (entry.fewshot().file() != null) {
                paths.add(entry.fewshot().file());
            }
        }
        for (String path : paths) {
            if (path.startsWith("/") || Arrays.asList(path.split("[/\\\\]")).contains("..")) {
                throw new UserError(file + ": \"" + path + "\" leaves the folder of benchmarks; name a path within it");
            }
        }
    }

    private static <T> T required(String file, String key, @Nullable T value) {
        if (value == null) {
            throw new UserError(file + ": the key " + key + " is missing; docs/benchmarks.md describes the keys");
        }
        return value;
    }

    private static <T> T orElse(@Nullable T value, T fallback) {
        return value == null ? fallback : value;
    }

    private static String path(DatabindException e) {
        String path = e.getPath().stream()
                .map(part -> part.getPropertyName() == null ? "[" + part.getIndex() + "]" : part.getPropertyName())
                .collect(Collectors.joining("."));
        return path.isEmpty() ? "the file" : path.toLowerCase(Locale.ROOT);
    }

    private static String expected(DatabindException e) {
        Class<?> type = e instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null
                ? mismatch.getTargetType()
                : Object.class;
        if (type == String.class) {
            return "text";
        }
        if (type == int.class || type == long.class) {
            return "a whole number";
        }
        if (type == double.class) {
            return "a number";
        }
        if (type.isEnum()) {
            return "one of " + Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT);
        }
        return List.class.isAssignableFrom(type) ? "a list" : "keys with values";
    }
}
