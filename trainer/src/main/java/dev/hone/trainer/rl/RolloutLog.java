package dev.hone.trainer.rl;

import dev.hone.datasets.UserError;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Writes what was rolled out to {@code rl-step-N.jsonl}: one line a completion, the file whole or not at all. */
final class RolloutLog {

    private static final JsonMapper JSON = new JsonMapper();

    private final Path directory;

    RolloutLog(Path directory) {
        this.directory = directory;
    }

    /** @param advantages {@code [rollouts]} */
    void write(long step, List<Rollout> rollouts, double[] advantages) {
        Path file = directory.resolve("rl-step-" + step + ".jsonl");
        Path unfinished = directory.resolve(file.getFileName() + ".tmp");
        try {
            Files.createDirectories(directory);
            try (BufferedWriter out = Files.newBufferedWriter(unfinished)) {
                for (int i = 0; i < rollouts.size(); i++) {
                    out.write(JSON.writeValueAsString(line(rollouts.get(i), advantages[i])));
                    out.write('\n');
                }
            }
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UserError(
                    "Cannot write the rollouts to " + file + ": " + e
                            + "; make room or make the directory writable, then resume the run",
                    e);
        }
    }

    private static Map<String, Object> line(Rollout rollout, double advantage) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("id", rollout.pair().id());
        line.put("domain", rollout.pair().domain());
        line.put("prompt", rollout.pair().prompt());
        line.put("completion", rollout.text());
        line.put("answer", rollout.pair().answer());
        line.put("extracted", rollout.verdict().extracted());
        line.put("error", rollout.verdict().error());
        line.put("correct", rollout.verdict().correct());
        line.put("reward", Double.isNaN(rollout.reward()) ? null : rollout.reward());
        line.put("advantage", advantage);
        line.put("tokens", rollout.length());
        line.put("finished", rollout.completion().finished());
        line.put("logprob", rollout.completion().meanLogprob());
        return line;
    }
}
