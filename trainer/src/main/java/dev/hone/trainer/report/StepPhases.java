package dev.hone.trainer.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Where the time of reinforcement's steps goes. */
public final class StepPhases {

    /** In the order of a step; an event has each as {@code <name>_seconds}. */
    public static final List<String> NAMES = List.of("generate", "verify", "score", "update", "idle");

    private StepPhases() {}

    /** The share of each phase in the time of the given steps; empty where they do not say. */
    public static Map<String, Double> shares(List<JsonNode> steps) {
        Map<String, Double> seconds = new LinkedHashMap<>();
        double all = 0;
        for (String name : NAMES) {
            double sum = steps.stream()
                    .mapToDouble(step -> step.path(name + "_seconds").asDouble(0))
                    .sum();
            if (sum > 0) {
                seconds.put(name, sum);
                all += sum;
            }
        }
        double total = all;
        seconds.replaceAll((name, value) -> value / total);
        return seconds;
    }
}
