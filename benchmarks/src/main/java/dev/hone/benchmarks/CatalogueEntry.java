package dev.hone.benchmarks;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A published benchmark: where it comes from, and how its lines become pairs.
 *
 * @param source repository, commit and path
 * @param licence of the problems
 * @param file its JSON lines, relative to a folder of benchmarks; may be gzipped
 * @param prompt text with the line's fields in braces, as {@code "{Body} {Question}\n"}
 * @param answer the same for the answer key
 * @param answerAfter the key is only what follows the last of these; null for all of it
 * @param verifier grades the completions
 * @param protocol how it is usually answered
 */
public record CatalogueEntry(
        String name,
        String domain,
        String source,
        String licence,
        String file,
        String prompt,
        String answer,
        @Nullable String answerAfter,
        String verifier,
        Protocol protocol) {

    private static final Pattern FIELD = Pattern.compile("\\{(\\w+)}");

    private static final JsonMapper JSON = new JsonMapper();

    /** Reads the problems. Throws {@link UserError} naming file and line where they are not as expected. */
    public Benchmark read(Path folder) {
        Path path = folder.resolve(file);
        List<Pair> pairs = new ArrayList<>();
        try (BufferedReader lines = open(path)) {
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (!line.isBlank()) {
                    pairs.add(pair(parse(path, number, line), path, number));
                }
            }
        } catch (IOException e) {
            throw new UserError("Cannot read " + path + " of benchmark " + name + "; fetch it from " + source);
        }
        return new Benchmark(name, domain, pairs);
    }

    private static BufferedReader open(Path path) throws IOException {
        InputStream bytes = Files.newInputStream(path);
        InputStream text = path.toString().endsWith(".gz") ? new GZIPInputStream(bytes) : bytes;
        return new BufferedReader(new InputStreamReader(text, StandardCharsets.UTF_8));
    }

    private Pair pair(JsonNode line, Path path, int number) {
        String key = fill(answer, line, path, number);
        if (answerAfter != null) {
            int last = key.lastIndexOf(answerAfter);
            if (last < 0) {
                throw new UserError(
                        path + ":" + number + " has no answer after '" + answerAfter + "'; fetch it from " + source);
            }
            key = key.substring(last + answerAfter.length()).strip();
        }
        return new Pair(
                name + "-" + number,
                domain,
                fill(prompt, line, path, number),
                key,
                null,
                verifier,
                Map.of("source", source));
    }

    private JsonNode parse(Path path, int number, String line) {
        try {
            return JSON.readTree(line);
        } catch (JacksonException e) {
            throw new UserError(path + ":" + number + " is not valid JSON: " + e.getOriginalMessage()
                    + "; fetch it from " + source);
        }
    }

    private String fill(String template, JsonNode line, Path path, int number) {
        return FIELD.matcher(template).replaceAll(field -> {
            JsonNode value = line.path(field.group(1));
            if (!value.isString() && !value.isNumber()) {
                throw new UserError(
                        path + ":" + number + " has no field '" + field.group(1) + "'; fetch it from " + source);
            }
            return Matcher.quoteReplacement(text(value));
        });
    }

    /** Some files write whole numbers as 27.0. */
    private static String text(JsonNode value) {
        return value.isNumber() ? value.decimalValue().stripTrailingZeros().toPlainString() : value.stringValue();
    }
}
