package dev.hone.trainer.faults;

import dev.hone.checkpoints.CheckpointStore;
import dev.hone.trainer.cli.Recipes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** How long training waits for checkpoints: written in the background, and for comparison while it waits. */
final class Waits {

    private static final int SAVE_STEPS = 4;

    private Waits() {}

    static Map<String, Object> run(Path directory, int saves) throws Exception {
        Map<String, Object> result = new LinkedHashMap<>();
        for (boolean background : new boolean[] {true, false}) {
            result.put(
                    background ? "in_background" : "waiting",
                    run(
                            Files.createDirectories(directory.resolve(background ? "background" : "waiting")),
                            saves,
                            background));
        }
        return result;
    }

    private static Map<String, Object> run(Path directory, int saves, boolean background) throws Exception {
        Path recipe = directory.resolve("recipe.yaml");
        Files.writeString(recipe, """
                model:
                  tokenizer: %s
                  config: {hidden_size: 512, intermediate_size: 1408, num_hidden_layers: 6, num_attention_heads: 8, max_position_embeddings: 256}
                checkpoint: {save_steps: %d, in_background: %b}
                data: [{generator: arithmetic, levels: [1, 2, 3], count: 2000}]
                sft: {max_steps: %d, tokens_per_step: 2048, max_length: 256, learning_rate: 1.0e-3}
                """.formatted(Recipes.TOKENIZER, SAVE_STEPS, background, SAVE_STEPS * saves + 1));
        HoneRun run = HoneRun.of(recipe, "run");
        run.ends(run.train(), 0);
        List<Double> steps = new ArrayList<>();
        List<Double> waits = new ArrayList<>();
        Instant before = Instant.EPOCH;
        boolean saved = false;
        for (JsonNode event : run.events()) {
            if (event.path("event").asString().equals("train")) {
                Instant now = Instant.parse(event.path("time").asString());
                double step = event.path("seconds").asDouble();
                if (saved) {
                    // From the end of the step before the save to the end of the one after it, but for that one.
                    waits.add(Math.max(0, Duration.between(before, now).toNanos() / 1e9 - step));
                } else {
                    steps.add(step);
                }
                before = now;
                saved = false;
            }
            // What is saved before the first step delays none.
            saved |= before.isAfter(Instant.EPOCH)
                    && event.path("event").asString().equals("checkpoint");
        }
        double step = median(steps);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("checkpoint_bytes", CheckpointStore.bytes(SignalFaults.newest(run)));
        result.put("saves", waits.size());
        result.put("step_seconds", step);
        result.put("wait_seconds", median(waits));
        result.put(
                "longest_wait_seconds",
                waits.stream().mapToDouble(Double::doubleValue).max().orElse(0));
        result.put("wait_share_of_a_step", median(waits) / step);
        result.put("wait_share_of_training", median(waits) / (step * SAVE_STEPS));
        return result;
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElse(Double.NaN);
    }
}
