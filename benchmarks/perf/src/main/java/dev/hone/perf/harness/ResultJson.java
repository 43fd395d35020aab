package dev.hone.perf.harness;

import dev.hone.datasets.WholeFile;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Results as a file. */
public final class ResultJson {

    private ResultJson() {}

    /** Writes the file whole or not at all. */
    public static void write(Path file, Machine machine, int threads, String libtorch, List<Result> results) {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        root.put("machine", machine);
        root.put("threads", threads);
        root.put("libtorch", libtorch);
        root.put("rows", results.stream().map(ResultJson::row).toList());
        WholeFile.write(
                file,
                writer -> writer.write(
                        new JsonMapper().writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n"));
    }

    private static Map<String, Object> row(Result result) {
        Duel.Outcome outcome = result.outcome();
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("row", result.row().name());
        map.put("ratio", outcome.ratio());
        if (result.fastEnough() != null) {
            map.put("target", result.row().target());
            map.put("met", result.fastEnough());
        }
        map.put("hone", side(result.row(), outcome.hone(), result.honeMemory()));
        map.put("libtorch", side(result.row(), outcome.libtorch(), result.libtorchMemory()));
        map.put("libtorch_setting", outcome.setting().name());
        if (result.smallEnough() != null) {
            map.put("memory_met", result.smallEnough());
        }
        map.put("difference", outcome.difference());
        map.put("others_share", outcome.others());
        return map;
    }

    private static Map<String, Object> side(Row row, Timing timing, @Nullable Memory memory) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("median_s", timing.median());
        map.put("p10_s", timing.low());
        map.put("p90_s", timing.high());
        map.put("runs", timing.runs());
        if (row.tokens() > 0) {
            map.put("tokens_per_s", row.tokens() / timing.median());
        }
        if (memory != null) {
            map.put("base_bytes", memory.base());
            map.put("peak_bytes", memory.peak());
        }
        return map;
    }
}
