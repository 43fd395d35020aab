package dev.hone.datasets.sources;

import dev.hone.datasets.pairs.MalformedPair;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One row of a file.
 *
 * @param line where it begins, from 1; for Parquet, which has no lines, the row
 * @param object its fields; null where it could not be read
 * @param fault why it could not be read, null where it could
 * @param text the row as it stands in the file, for the quarantine
 */
record Row(long line, @Nullable JsonNode object, @Nullable MalformedPair fault, String text) {
    static Row of(long line, JsonNode object, String text) {
        return new Row(line, object, null, text);
    }

    static Row malformed(long line, MalformedPair fault, String text) {
        return new Row(line, null, fault, text);
    }
}
