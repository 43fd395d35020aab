package dev.hone.trainer.logging;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** The figures of an event by name: {@code train/loss}, {@code eval/loss}, {@code rl/rewards/accuracy}. */
final class Scalars {

    private static final Set<String> NOT_FIGURES = Set.of("time", "event", "step", "phase");
    private static final Set<String> NOT_CURVES =
            Set.of("run_started", "run_resumed", "phase_started", "progress", "run_ended", "nonfinite_loss");

    private Scalars() {}

    static Map<String, Double> of(JsonNode event) {
        Map<String, Double> scalars = new LinkedHashMap<>();
        String kind = event.path("event").asString("");
        if (kind.isEmpty() || NOT_CURVES.contains(kind)) {
            return scalars;
        }
        add(prefix(kind, event), event, scalars);
        return scalars;
    }

    /** When it happened. */
    static Instant time(JsonNode event) {
        try {
            return Instant.parse(event.path("time").asString(""));
        } catch (DateTimeException e) {
            return Instant.now();
        }
    }

    /** The trainers' usual names where there are any. */
    private static String prefix(String kind, JsonNode event) {
        String domain = event.path("domain").asString("");
        return switch (kind) {
            case "eval_loss" -> "eval";
            case "evaluated" -> "eval" + (domain.isEmpty() ? "" : "/" + domain);
            default -> kind + (domain.isEmpty() ? "" : "/" + domain);
        };
    }

    private static void add(String prefix, JsonNode node, Map<String, Double> scalars) {
        node.properties().forEach(field -> {
            JsonNode value = field.getValue();
            String name = prefix + "/" + field.getKey();
            if (NOT_FIGURES.contains(field.getKey())) {
                return;
            }
            if (value.isNumber()) {
                scalars.put(name, value.asDouble());
            } else if (value.isObject()) {
                add(name, value, scalars);
            } else if (value.isArray()) {
                for (int i = 0; i < value.size(); i++) {
                    if (value.get(i).isObject()) {
                        add(name + "/" + i, value.get(i), scalars);
                    }
                }
            }
        });
    }
}
