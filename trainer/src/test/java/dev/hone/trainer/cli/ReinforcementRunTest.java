package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a run of reinforcement tells those who watch it. */
class ReinforcementRunTest {

    private static final int STEPS = 12;
    private static final int COMPLETIONS = 4; // of a step

    @TempDir
    private Path directory;

    /** The alarm compares with steps from before the run was interrupted, so that a resumed run raises it too. */
    @Test
    void aCollapsingRewardIsToldOfAlsoByAResumedRun() throws IOException {
        Path recipe = Recipes.reinforcing(directory, STEPS, FadingReward.class);
        Path run = directory.resolve("run");
        FadingReward.LEFT.set(6 * COMPLETIONS);
        Cli trained = Cli.run("train", recipe.toString(), "--output-dir", run.toString());
        assertThat(trained.exitCode()).as(trained.err()).isZero();
        assertThat(trained.out() + trained.err()).contains("warning: rl: the reward fell to 0.200 from 1.000");
        List<JsonNode> steps = events(run, "rl");
        assertThat(steps).hasSize(STEPS);
        assertThat(steps)
                .allMatch(step -> step.path("rewards").size() == 1
                        && step.path("domains").path("math").asDouble()
                                == step.path("reward").asDouble());
        for (String watched : List.of(
                "accuracy",
                "completion_length",
                "clipped_share",
                "kl",
                "entropy",
                "clip_fraction",
                "reward_std",
                "degenerate_groups",
                "groups",
                "reward_errors",
                "logprob_mismatch",
                "tokens",
                "generate_seconds",
                "verify_seconds",
                "score_seconds",
                "update_seconds",
                "idle_seconds")) {
            assertThat(steps).as(watched).allMatch(step -> step.path(watched).isNumber());
        }
        assertThat(events(run, "alarm")).singleElement().matches(ReinforcementRunTest::isCollapse);

        // Back to before the alarm.
        Files.delete(run.resolve("summary.json"));
        for (int step : List.of(10, 12)) {
            Files.write(run.resolve("checkpoints/step-%06d/model/model.safetensors".formatted(step)), new byte[10]);
        }
        Cli resumed = Cli.run("resume", run.toString());
        assertThat(resumed.exitCode()).as(resumed.err()).isZero();
        assertThat(resumed.out() + resumed.err()).contains("resumed from").contains("step-000008");
        assertThat(events(run, "alarm")).singleElement().matches(ReinforcementRunTest::isCollapse);
    }

    private static boolean isCollapse(JsonNode alarm) {
        return alarm.path("kind").asString().equals("reward_collapse")
                && alarm.path("message").asString().startsWith("the reward fell to 0.200 from 1.000");
    }

    private static List<JsonNode> events(Path run, String kind) throws IOException {
        return Files.readAllLines(run.resolve("events.jsonl")).stream()
                .map(JsonMapper.shared()::readTree)
                .filter(event -> event.path("event").asString().equals(kind))
                .toList();
    }
}
