package dev.hone.benchmarks;

import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The figures of several benchmarks, as one evaluation measured them, in one file: {@code summary.json}. */
public final class EvalSummary {

    /** Its name without its ending, which no benchmark beside it may have. */
    public static final String NAME = "summary";

    private static final JsonMapper JSON = new JsonMapper();

    private EvalSummary() {}

    /**
     * Writes it, whole or not at all.
     *
     * @param model its name, such as a folder
     * @return the file
     */
    public static Path write(Path folder, String model, List<EvalResult> results) {
        ObjectNode json = JSON.createObjectNode().put("model", model);
        ArrayNode benchmarks = json.putArray("benchmarks");
        for (EvalResult result : results) {
            benchmarks
                    .addObject()
                    .put("benchmark", result.benchmark())
                    .put("accuracy", result.accuracy())
                    .put("standard_error", result.standardError())
                    .put("n", result.n())
                    .put("attempts", result.attempts())
                    .putObject("interval")
                    .put("low", result.interval().low())
                    .put("high", result.interval().high());
        }
        Path file = folder.resolve(NAME + ".json");
        String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json);
        ResultFile.write(file, writer -> writer.write(text));
        return file;
    }
}
