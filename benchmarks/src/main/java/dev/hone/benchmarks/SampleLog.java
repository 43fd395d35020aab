package dev.hone.benchmarks;

import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/** Samples as JSON lines: what a model said, and what was made of it, for people to read. */
final class SampleLog {

    private static final JsonMapper JSON = new JsonMapper();

    private SampleLog() {}

    static void write(Path file, List<Sample> samples) {
        ResultFile.write(file, lines -> {
            for (Sample sample : samples) {
                lines.write(JSON.writeValueAsString(sample));
                lines.write('\n');
            }
        });
    }
}
