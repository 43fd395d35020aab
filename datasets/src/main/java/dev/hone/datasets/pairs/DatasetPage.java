package dev.hone.datasets.pairs;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One page, in one file, to look through a frozen dataset's pairs in a browser, by text and by what their metadata says.
 */
public final class DatasetPage {
    /** Pairs a browser still handles with ease. */
    public static final int MOST = 5_000;

    /** Where the page's template takes the pairs. */
    private static final String DATA = "{{data}}";

    private DatasetPage() {}

    /**
     * Writes the page, whole or not at all. Of more than {@link #MOST} pairs it shows so many, evenly spread.
     *
     * @throws UserError where it cannot be written
     */
    public static void write(FrozenDataset dataset, Path html) {
        Path target = html.toAbsolutePath();
        Path temporary = target.resolveSibling(target.getFileName() + ".tmp");
        try {
            Files.createDirectories(target.getParent());
            try (Writer writer = Files.newBufferedWriter(temporary, StandardCharsets.UTF_8)) {
                String page = resource("page.html").replace("{{page.js}}", resource("page.js"));
                int data = page.indexOf(DATA);
                writer.write(page, 0, data);
                data(dataset, writer);
                writer.write(page.substring(data + DATA.length()));
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | UncheckedIOException e) {
            throw new UserError(
                    target + ": cannot be written (" + e + "); choose a writable folder with space left", e);
        }
    }

    private static void data(FrozenDataset dataset, Writer writer) throws IOException {
        Manifest manifest = dataset.manifest();
        Map<String, Object> head = new LinkedHashMap<>();
        head.put("domain", manifest.domain());
        head.put("count", manifest.pairs());
        head.put("sha256", manifest.sha256());
        head.put("created", manifest.created());
        String json = PairJson.mapper().writeValueAsString(head);
        writer.write(json.substring(0, json.length() - 1));
        writer.write(",\"pairs\":[");
        int shown = Math.min(MOST, manifest.pairs());
        int[] counts = new int[2];
        dataset.forEach(pair -> {
            // The next is due when so large a share of all has gone by.
            if ((long) counts[0]++ * shown >= (long) counts[1] * manifest.pairs()) {
                append(writer, (counts[1]++ == 0 ? "\n" : ",\n") + safe(PairJson.write(pair)));
            }
        });
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

    private static String resource(String name) {
        try (InputStream in = DatasetPage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("The build left out " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
