package dev.hone.trainer.screen;

import dev.hone.datasets.UserError;
import dev.hone.datasets.WholeFile;
import dev.hone.datasets.pairs.PairJson;
import dev.hone.trainer.screen.TeachabilityScreen.Prediction;
import dev.hone.trainer.screen.TeachabilityScreen.Quality;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * What a screen expects of candidates, in a file: curation that goes on after a stop takes it from there, whatever rounds
 * differently since.
 *
 * @param key names all that they follow from
 * @param quality of the screen
 * @param tokens passed through the model for them
 * @param expected of each candidate, in an order that follows from the key
 */
record Predictions(String key, Quality quality, long tokens, List<Prediction> expected) {

    /** The first line; the others are predictions. */
    private record Head(@Nullable String key, @Nullable Quality quality, long tokens, int pairs) {}

    /** Those of that key that a file holds; null where it holds others or is none. */
    static @Nullable Predictions read(Path file, String key) {
        if (!Files.exists(file)) {
            return null;
        }
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            String first = reader.readLine();
            Head head = first == null ? null : PairJson.mapper().readValue(first, Head.class);
            if (head == null || !key.equals(head.key()) || head.quality() == null) {
                return null;
            }
            List<Prediction> expected = new ArrayList<>();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                expected.add(PairJson.mapper().readValue(line, Prediction.class));
            }
            return expected.size() == head.pairs()
                    ? new Predictions(key, head.quality(), head.tokens(), expected)
                    : null;
        } catch (IOException | JacksonException e) {
            throw new UserError(
                    file + ": cannot be read (" + UserError.reason(e) + "); remove it, and it is made again", e);
        }
    }

    /** The file appears whole or not at all. */
    void write(Path file) {
        WholeFile.write(file, writer -> {
            line(writer, new Head(key, quality, tokens, expected.size()));
            for (Prediction one : expected) {
                line(writer, one);
            }
        });
    }

    private static void line(BufferedWriter writer, Object value) throws IOException {
        writer.write(PairJson.mapper().writeValueAsString(value));
        writer.write('\n');
    }

    /** Whether they are better than knowing nothing, on pairs the screen was not fitted to. */
    boolean help() {
        return quality.teachable().helps();
    }
}
