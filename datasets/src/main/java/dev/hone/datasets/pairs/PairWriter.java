package dev.hone.datasets.pairs;

import dev.hone.datasets.UserError;
import dev.hone.datasets.WholeFile;
import java.nio.file.Path;

/** Writes pairs to JSONL files. */
public final class PairWriter {
    private PairWriter() {}

    /**
     * Writes the pairs, one JSON object a line. The file appears whole or not at all: what stood there before stays
     * until the new one is on disk.
     *
     * @throws UserError where the file cannot be written
     */
    public static void write(Path jsonl, Iterable<Pair> pairs) {
        WholeFile.write(jsonl, writer -> {
            for (Pair pair : pairs) {
                writer.write(PairJson.write(pair));
                writer.write('\n');
            }
        });
    }
}
