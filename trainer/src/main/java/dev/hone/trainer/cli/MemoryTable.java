package dev.hone.trainer.cli;

import dev.hone.trainer.model.MemoryPlan;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A plan of a device's memory, for programs and for people. */
final class MemoryTable {

    private MemoryTable() {}

    static Map<String, Long> bytes(MemoryPlan plan) {
        Map<String, Long> bytes = new LinkedHashMap<>();
        bytes.put("weights", plan.weights());
        bytes.put("gradients", plan.gradients());
        bytes.put("optimizer", plan.optimizer());
        bytes.put("activations", plan.activations());
        bytes.put("kv_cache", plan.cache());
        bytes.put("total", plan.total());
        return bytes;
    }

    /** A line for each part. */
    static String text(MemoryPlan plan) {
        return bytes(plan).entrySet().stream()
                .map(part -> String.format(
                        Locale.ROOT,
                        "%-12s %,10.1f MiB%n",
                        part.getKey().replace("kv_cache", "KV cache"),
                        part.getValue() / (1024.0 * 1024.0)))
                .collect(Collectors.joining());
    }
}
