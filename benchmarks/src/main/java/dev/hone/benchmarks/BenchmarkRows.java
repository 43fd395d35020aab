package dev.hone.benchmarks;

import dev.hone.datasets.pairs.MalformedPair;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.PairJson;
import dev.hone.datasets.sources.RowForm;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The rows of a benchmark as its description makes pairs of them. */
final class BenchmarkRows implements RowForm {

    private static final JsonMapper JSON = new JsonMapper();

    private final CatalogueEntry entry;
    private String file = "";

    BenchmarkRows(CatalogueEntry entry) {
        this.entry = entry;
    }

    /** @param prefix of the ids of the rows that follow */
    void begin(String prefix) {
        file = prefix;
    }

    @Override
    public Pair pair(JsonNode row, String id, String source) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("source", entry.source().toString());
        entry.metadata().forEach((key, field) -> metadata.put(key, plain(RowTemplate.value(row, field), field)));
        String key;
        String prompt;
        if (entry.choices().isEmpty()) {
            key = key(row);
            prompt = RowTemplate.fill(entry.prompt(), row);
        } else {
            List<String> options = options(row);
            key = letter(options.indexOf(option(row, entry.choices().get(0))));
            // What an option says in braces is no field.
            prompt = Arrays.stream(entry.prompt().split("\\{choices}", -1))
                    .map(part -> RowTemplate.fill(part, row))
                    .collect(Collectors.joining(listed(options)));
        }
        if (entry.form() == CatalogueEntry.RowKind.LIVECODEBENCH) {
            metadata.putAll(LiveCodeBenchTests.metadata(row));
        }
        return new Pair(
                id(row, id),
                entry.domain(),
                PairJson.writable("prompt", prompt),
                PairJson.writable("answer", key),
                entry.response() == null ? null : PairJson.writable("response", response(entry.response(), key, row)),
                verifier(key),
                metadata);
    }

    private String id(JsonNode row, String place) {
        return entry.name() + "-" + file
                + (entry.id() == null
                        ? place.substring(place.lastIndexOf('-') + 1)
                        : RowTemplate.fill(entry.id(), row));
    }

    private String key(JsonNode row) {
        String text = RowTemplate.fill(entry.answer(), row);
        String mark = entry.answerAfter();
        if (mark != null) {
            int at = text.lastIndexOf(mark);
            if (at < 0) {
                throw new MalformedPair(MalformedPair.Kind.MISSING, "has no answer after '" + mark + "'");
            }
            text = text.substring(at + mark.length()).strip();
        }
        return entry.answers().getOrDefault(text, text);
    }

    private static String response(String template, String key, JsonNode row) {
        // What a key says in braces is no field.
        return Arrays.stream(template.split("\\{key}", -1))
                .map(part -> RowTemplate.fill(part, row))
                .collect(Collectors.joining(key));
    }

    private String verifier(String key) {
        return entry.verifiers().entrySet().stream()
                .filter(one -> key.matches(one.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(entry.verifier());
    }

    /** In an order drawn by the problem itself, so that it is the same on every machine and whatever else is asked. */
    private List<String> options(JsonNode row) {
        List<String> options = new ArrayList<>();
        entry.choices().forEach(field -> options.add(option(row, field)));
        CRC32 sum = new CRC32();
        sum.update(String.join("\n", options).getBytes(StandardCharsets.UTF_8));
        Collections.shuffle(options, new Random(sum.getValue()));
        return options;
    }

    private static String option(JsonNode row, String field) {
        return RowTemplate.fill("{" + field + "}", row).strip();
    }

    private static String listed(List<String> options) {
        StringBuilder listed = new StringBuilder();
        for (int i = 0; i < options.size(); i++) {
            listed.append(i == 0 ? "" : "\n")
                    .append('(')
                    .append(letter(i))
                    .append(") ")
                    .append(options.get(i));
        }
        return listed.toString();
    }

    private static String letter(int index) {
        return String.valueOf((char) ('A' + index));
    }

    private static Object plain(@Nullable JsonNode value, String field) {
        if (value == null) {
            throw new MalformedPair(MalformedPair.Kind.MISSING, "has no field '" + field + "'");
        }
        return JSON.treeToValue(value, Object.class);
    }
}
