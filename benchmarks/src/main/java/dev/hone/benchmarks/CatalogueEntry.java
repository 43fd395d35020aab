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

    /** What is wrong with a line; {@link #read} says with which. */
    private static final class Malformed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Malformed(String fault) {
            super(fault);
        }
    }

    /** Reads the problems. Throws {@link UserError} naming file and line where they are not as expected. */
    public Benchmark read(Path folder) {
        Path path = folder.resolve(file);
        List<Pair> pairs = new ArrayList<>();
        int number = 0;
        try (BufferedReader lines = open(path)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (!line.isBlank()) {
                    pairs.add(pair(name + "-" + number, parse(line)));
                }
            }
        } catch (IOException e) {
            throw new UserError("Cannot read " + path + " of benchmark " + name + "; fetch it from " + source, e);
        } catch (Malformed e) {
            throw new UserError(path + ":" + number + " " + e.getMessage() + "; fetch it again from " + source, e);
        }
        return new Benchmark(name, domain, pairs);
    }

    private static BufferedReader open(Path path) throws IOException {
        InputStream bytes = Files.newInputStream(path);
        InputStream text = path.toString().endsWith(".gz") ? new GZIPInputStream(bytes) : bytes;
        return new BufferedReader(new InputStreamReader(text, StandardCharsets.UTF_8));
    }

    private static JsonNode parse(String line) {
        try {
            return JSON.readTree(line);
        } catch (JacksonException e) {
            throw new Malformed("is not valid JSON: " + e.getOriginalMessage());
        }
    }

    private Pair pair(String id, JsonNode fields) {
        return new Pair(id, domain, fill(prompt, fields), key(fields), null, verifier, Map.of("source", source));
    }

    private String key(JsonNode fields) {
        String text = fill(answer, fields);
        if (answerAfter == null) {
            return text;
        }
        int mark = text.lastIndexOf(answerAfter);
        if (mark < 0) {
            throw new Malformed("has no answer after '" + answerAfter + "'");
        }
        return text.substring(mark + answerAfter.length()).strip();
    }

    private static String fill(String template, JsonNode fields) {
        return FIELD.matcher(template).replaceAll(field -> {
            JsonNode value = fields.path(field.group(1));
            if (!value.isString() && !value.isNumber()) {
                throw new Malformed("has no field '" + field.group(1) + "'");
            }
            return Matcher.quoteReplacement(text(value));
        });
    }

    /** Some files write whole numbers as 27.0. */
    private static String text(JsonNode value) {
        return value.isNumber() ? value.decimalValue().stripTrailingZeros().toPlainString() : value.stringValue();
    }
}
