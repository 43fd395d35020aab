package dev.hone.trainer.rl;

import dev.hone.datasets.UserError;
import dev.hone.datasets.WholeFile;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Writes what was rolled out to {@code rl-step-N.jsonl}: one line a completion, the file whole or not at all. */
final class RolloutLog {

    private static final JsonMapper JSON = new JsonMapper();

    private final Path directory;

    RolloutLog(Path directory) {
        this.directory = directory;
    }

    Path file(long step) {
        return directory.resolve("rl-step-" + step + ".jsonl");
    }

    /** @param advantages {@code [kept rollouts]} */
    void write(long step, Collected collected, double[] advantages) {
        Path file = file(step);
        WholeFile.write(
                file,
                out -> {
                    for (int i = 0; i < advantages.length; i++) {
                        write(out, line(collected.kept().get(i), advantages[i], true));
                    }
                    for (Rollout rollout : collected.dropped()) {
                        write(out, line(rollout, 0, false));
                    }
                },
                e -> new UserError(
                        "Cannot write the rollouts to " + file + ": " + e
                                + "; make room or make the directory writable, then resume the run",
                        e));
    }

    private static void write(BufferedWriter out, Map<String, Object> line) throws IOException {
        out.write(JSON.writeValueAsString(line));
        out.write('\n');
    }

    private static Map<String, Object> line(Rollout rollout, double advantage, boolean kept) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("id", rollout.pair().id());
        line.put("domain", rollout.pair().domain());
        line.put("prompt", rollout.pair().prompt());
        line.put("completion", rollout.text());
        line.put("answer", rollout.pair().answer());
        line.put("extracted", rollout.score().verdict().extracted());
        line.put("correct", rollout.score().verdict().correct());
        line.put("reward", Double.isNaN(rollout.reward()) ? null : rollout.reward());
        line.put("rewards", rollout.score().parts());
        line.put("error", rollout.score().error());
        line.put("advantage", advantage);
        line.put("kept", kept);
        line.put("tokens", rollout.length());
        line.put("token_ids", rollout.completion().tokens());
        line.put("finished", rollout.completion().finished());
        line.put("logprob", rollout.completion().meanLogprob());
        return line;
    }
}
