package dev.hone.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.trainer.recipe.RecipeReader;
import dev.hone.trainer.recipe.RlKeys;
import dev.hone.trainer.rl.AdvantageOptions.Baseline;
import dev.hone.trainer.rl.AdvantageOptions.Scale;
import dev.hone.trainer.rl.GrpoOptions;
import dev.hone.trainer.rl.LossType;
import dev.hone.trainer.rl.reward.Score;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RlSettingsTest {

    @TempDir
    private Path directory;

    private RlKeys read(String keys) throws IOException {
        Path recipe = directory.resolve("recipe.yaml");
        Files.writeString(recipe, "model: {path: m}\ndata: [{file: d.jsonl}]\nrl:\n  max_steps: 3\n" + keys.indent(2));
        return Objects.requireNonNull(RecipeReader.read(recipe).rl());
    }

    /** Those of TRL's GRPOConfig; make_rl_fixtures.py wrote them. */
    @Test
    void defaultsAreTrls() throws IOException {
        JsonNode trl;
        try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream("/rl/trl-defaults.json"))) {
            trl = JsonMapper.shared().readTree(in);
        }
        JsonNode ours = RunState.JSON.valueToTree(read(""));
        trl.path("shared").properties().forEach(setting -> {
            JsonNode got = ours.path(setting.getKey());
            assertThat(got.isMissingNode()).as(setting.getKey()).isFalse();
            if (setting.getKey().equals("min_p")) {
                assertThat(got.asDouble()).as("0 leaves out none").isZero();
            } else if (setting.getValue().isNumber()) {
                assertThat(got.asDouble())
                        .as(setting.getKey())
                        .isEqualTo(setting.getValue().asDouble());
            } else {
                assertThat(got).as(setting.getKey()).isEqualTo(setting.getValue());
            }
        });
        assertThat(ours.path("warmup_steps").asDouble())
                .isEqualTo(trl.path("warmup_steps").asDouble());
        assertThat(ours.path("warmup_ratio").asDouble()).isZero();
        assertThat(RlSettings.options(read(""), 1).loss().epsilonHigh()).isEqualTo(0.2);
        assertThat(RlSettings.options(read(""), 1).loss().delta()).isZero();
    }

    @Test
    void keysReachTheTrainer() throws IOException {
        GrpoOptions options = RlSettings.options(read("""
                        loss_type: rloo
                        advantage_baseline: leave_one_out
                        scale_rewards: false
                        epsilon: 0.1
                        delta: 3
                        top_p: 0.9
                        max_sampling_rounds: 4
                        """), 1);
        assertThat(options.loss().type()).isEqualTo(LossType.RLOO);
        assertThat(options.advantage().baseline()).isEqualTo(Baseline.LEAVE_ONE_OUT);
        assertThat(options.advantage().scale()).isEqualTo(Scale.NONE);
        assertThat(options.loss().epsilonHigh()).isEqualTo(0.1);
        assertThat(options.loss().delta()).isEqualTo(3);
        assertThat(options.rollout().topP()).isEqualTo(0.9);
        assertThat(options.rollout().maxSamplingRounds()).isEqualTo(4);
        assertThat(RlSettings.options(read("scale_rewards: true"), 1)
                        .advantage()
                        .scale())
                .isEqualTo(Scale.GROUP);
        assertThat(RlSettings.options(read("loss_type: cispo"), 1).loss().epsilonHigh())
                .isEqualTo(5);
    }

    @Test
    void rewardsAreComposed() throws IOException {
        RlKeys settings = read("""
                max_completion_length: 100
                rewards:
                  - {name: accuracy, weight: 2}
                  - {name: soft_overlong}
                  - {name: length_aware_accuracy, weight: 10, domains: [logic]}
                """);
        Pair pair = new Pair("p", "math", "1+1=", "2", null, "exact", Map.of());
        // 90 of 100 tokens, the last 20 of which are punished.
        Score score = RlSettings.rewards(settings).score(pair, "Answer: 2", new int[90], true);
        assertThat(score.reward()).isEqualTo(1.5);
        assertThat(score.parts()).containsOnlyKeys("accuracy", "soft_overlong");
    }

    @Test
    void whatIsMissingIsNamed() throws IOException {
        RlKeys java = read("rewards: [{name: java}]");
        assertThatThrownBy(() -> RlSettings.rewards(java))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("class_name");
        assertThatThrownBy(() -> read("rewards: [{name: acuracy}]"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("did you mean \"accuracy\"");
    }
}
