package dev.hone.datasets.pairs;

import dev.hone.datasets.Resources;
import dev.hone.datasets.UserError;
import dev.hone.datasets.WholeFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/**
 * One page, in one file, to look through a frozen dataset's pairs in a browser, by text and by what their metadata says.
 */
public final class DatasetPage {
    /** Pairs a browser still handles with ease. */
    public static final int MOST = 100_000;

    private static final Set<String> FIELDS =
            Set.of("id", "domain", "prompt", "answer", "response", "verifier", "metadata");

    /** Where the page's template takes the pairs. */
    private static final String DATA = "{{data}}";

    private DatasetPage() {}

    /**
     * Writes the page, whole or not at all. Of more than {@link #MOST} pairs it shows so many, evenly spread.
     *
     * @throws UserError where it cannot be written
     */
    public static void write(FrozenDataset dataset, Path html) {
        Manifest manifest = dataset.manifest();
        Map<String, Object> head = new LinkedHashMap<>();
        head.put("domain", manifest.domain());
        head.put("count", manifest.pairs());
        head.put("facts", "Frozen " + manifest.created() + ", " + manifest.sha256());
        write(html, head, manifest.pairs(), MOST, line -> dataset.forEach(pair -> line.accept(PairJson.write(pair))));
    }

    /**
     * The page of a JSONL file whose lines have a {@code prompt}: pairs, what curation dropped, or samples. Fields a pair
     * does not have are shown with its metadata.
     *
     * @throws UserError where the file cannot be read, a line is malformed or the page cannot be written
     */
    public static void writeLines(Path jsonl, Path html) {
        int[] count = new int[1];
        forEach(jsonl, line -> count[0]++);
        Map<String, Object> head = new LinkedHashMap<>();
        head.put("domain", String.valueOf(jsonl.getFileName()));
        head.put("count", count[0]);
        head.put("facts", "Read from " + jsonl);
        write(html, head, count[0], MOST, line -> forEach(jsonl, line));
    }

    private static void forEach(Path jsonl, Consumer<String> consumer) {
        long number = 0;
        try (Lines lines = new Lines(Files.newInputStream(jsonl))) {
            for (Lines.Line line = lines.next(); line != null; line = lines.next()) {
                number = line.number();
                if (!line.text().isBlank()) {
                    consumer.accept(shown(line.text()));
                }
            }
        } catch (MalformedPair | JacksonException e) {
            throw new UserError(jsonl + ":" + number + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UserError(
                    jsonl + ": cannot be read (" + UserError.reason(e)
                            + "); give a JSONL file whose lines have a prompt",
                    e);
        }
    }

    private static String shown(String line) {
        if (!(PairJson.mapper().readTree(line) instanceof ObjectNode row)
                || !row.path("prompt").isString()) {
            throw new MalformedPair(MalformedPair.Kind.FORM, "expected a JSON object with a string \"prompt\"");
        }
        ObjectNode metadata = row.path("metadata") instanceof ObjectNode own
                ? own
                : PairJson.mapper().createObjectNode();
        for (String name : List.copyOf(row.propertyNames())) {
            if (!FIELDS.contains(name)) {
                metadata.set(name, row.remove(name));
            }
        }
        return PairJson.mapper().writeValueAsString(row.set("metadata", metadata));
    }

    static void write(Path html, Map<String, Object> head, int count, int most, Consumer<Consumer<String>> pairs) {
        String page = Resources.text(DatasetPage.class, "page.html")
                .replace("{{page.js}}", Resources.text(DatasetPage.class, "page.js"));
        int data = page.indexOf(DATA);
        WholeFile.write(
                html,
                writer -> {
                    writer.write(page, 0, data);
                    data(head, count, most, pairs, writer);
                    writer.write(page.substring(data + DATA.length()));
                },
                e -> new UserError(
                        html.toAbsolutePath() + ": cannot be written (" + e
                                + "); choose a writable folder with space left",
                        e));
    }

    private static void data(
            Map<String, Object> head, int count, int most, Consumer<Consumer<String>> pairs, Writer writer)
            throws IOException {
        String json = safe(PairJson.mapper().writeValueAsString(head));
        writer.write(json.substring(0, json.length() - 1));
        writer.write(",\"pairs\":[");
        int shown = Math.min(most, count);
        int[] counts = new int[2];
        try {
            pairs.accept(pair -> {
                // The next is due when so large a share of all has gone by.
                if ((long) counts[0]++ * shown >= (long) counts[1] * count) {
                    append(writer, (counts[1]++ == 0 ? "\n" : ",\n") + safe(pair));
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        writer.write("\n]}");
    }

    /** No text can end the script element it stands in. */
    private static String safe(String json) {
        return json.replace("<", "\\u003c");
    }

    private static void append(Writer writer, String text) {
        try {
            writer.write(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
