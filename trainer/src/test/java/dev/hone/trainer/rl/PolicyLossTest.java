package dev.hone.trainer.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PolicyLossTest {

    /** Worked by hand, ratio = exp(logprob - old): epsilon 0.2 below, 0.3 above, at most 4. */
    @ParameterizedTest
    @CsvSource({
        // ratio, advantage, loss, slope by the log-ratio
        "1.0,  2, -2.0, -2.0",
        "1.25, 2, -2.5, -2.5",
        "1.4,  2, -2.6,  0.0",
        "0.5,  2, -1.0, -1.0",
        "1.0, -2,  2.0,  2.0",
        "0.9, -2,  1.8,  1.8",
        "0.5, -2,  1.6,  0.0",
        "3.0, -2,  6.0,  6.0",
        "5.0, -2,  8.0,  0.0",
        "3.0,  0,  0.0,  0.0",
    })
    void clipsOnlyWhereTheAdvantagePullsFurtherOut(double ratio, double advantage, double loss, double slope) {
        PolicyLoss.Slope got = PolicyLoss.clip(ratio, advantage, 0.2, 0.3, 4);
        assertThat(got.value()).isCloseTo(loss, within(1e-12));
        assertThat(got.slope()).isCloseTo(slope, within(1e-12));
    }

    @Test
    void k3EstimatesTheDivergenceOfTwoDistributions() {
        double[] policy = {0.5, 0.3, 0.2};
        double[] reference = {0.2, 0.2, 0.6};
        double expected = 0;
        double estimate = 0;
        for (int i = 0; i < policy.length; i++) {
            expected += policy[i] * Math.log(policy[i] / reference[i]);
            estimate += policy[i]
                    * PolicyLoss.k3(Math.log(policy[i]), Math.log(reference[i])).value();
        }
        assertThat(estimate).isCloseTo(expected, within(1e-12));
        assertThat(PolicyLoss.k3(-1, -1).value()).isZero();
    }

    @Test
    void corrections() {
        assertThat(PolicyLoss.correction(-1, -1, 2)).isEqualTo(1);
        assertThat(PolicyLoss.correction(Math.log(0.3), Math.log(0.2), 2)).isCloseTo(1.5, within(1e-12));
        assertThat(PolicyLoss.correction(Math.log(0.9), Math.log(0.1), 2)).isEqualTo(2);
    }

    @Test
    void slopesAreDerivatives() {
        SplittableRandom random = new SplittableRandom(7);
        for (LossType type : LossType.values()) {
            if (type == LossType.CISPO) {
                continue; // No gradient flows through its weights.
            }
            for (ImportanceSamplingLevel level : ImportanceSamplingLevel.values()) {
                for (int i = 0; i < 50; i++) {
                    boolean held = i % 2 == 0;
                    LossOptions options = new LossOptions(
                            type,
                            level,
                            0.2,
                            0.28,
                            i % 3 == 0 ? 1.5 : 0,
                            held ? 0.3 : 0,
                            false,
                            i % 4 < 2,
                            0,
                            0,
                            false);
                    double advantage = random.nextDouble(-2, 2);
                    float[] old = floats(random, -4, 0);
                    float[] now = near(random, old, 0.6);
                    float[] reference = held ? near(random, old, 1) : null;
                    double[] corrections = random.doubles(old.length, 0.3, 2).toArray();
                    PolicyLoss.Tokens at = PolicyLoss.of(options, advantage, now, old, reference, corrections);
                    for (int t = 0; t < now.length; t++) {
                        float h = 1e-2f;
                        float[] up = now.clone();
                        float[] down = now.clone();
                        up[t] += h;
                        down[t] -= h;
                        PolicyLoss.Tokens above = PolicyLoss.of(options, advantage, up, old, reference, corrections);
                        PolicyLoss.Tokens below = PolicyLoss.of(options, advantage, down, old, reference, corrections);
                        if (above.clipped() != below.clipped() || options.delta() > 0) {
                            continue; // A kink lies between.
                        }
                        double slope = (sum(above) - sum(below)) / ((double) up[t] - down[t]);
                        assertThat(at.slopes()[t]).isCloseTo(slope, within(2e-3 * Math.max(1, Math.abs(slope))));
                    }
                }
            }
        }
    }

    private static double sum(PolicyLoss.Tokens tokens) {
        double sum = 0;
        for (double loss : tokens.losses()) {
            sum += loss;
        }
        return sum;
    }

    private static float[] floats(SplittableRandom random, double from, double to) {
        float[] values = new float[5];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(from, to);
        }
        return values;
    }

    private static float[] near(SplittableRandom random, float[] values, double distance) {
        float[] others = values.clone();
        for (int i = 0; i < others.length; i++) {
            others[i] += (float) random.nextDouble(-distance, distance);
        }
        return others;
    }

    /** What TRL's own trainers computed; make_rl_fixtures.py wrote it. */
    @TestFactory
    Stream<DynamicTest> equalsTrl() throws IOException {
        JsonNode fixture;
        try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream("/rl/trl-losses.json"))) {
            fixture = JsonMapper.shared().readTree(in);
        }
        return StreamSupport.stream(fixture.path("cases").spliterator(), false)
                .map(one -> DynamicTest.dynamicTest(one.path("name").asString(), () -> equalsTrl(fixture, one)));
    }

    private static void equalsTrl(JsonNode fixture, JsonNode one) {
        LossOptions options = new LossOptions(
                LossType.valueOf(one.path("loss_type").asString().toUpperCase(Locale.ROOT)),
                ImportanceSamplingLevel.valueOf(
                        one.path("importance_sampling_level").asString("token").toUpperCase(Locale.ROOT)),
                one.path("epsilon").asDouble(),
                one.path("epsilon_high").asDouble(),
                one.path("delta").asDouble(0),
                one.path("beta").asDouble(0),
                false,
                one.path("use_bias_correction_kl").asBoolean(true),
                0,
                0,
                false);
        List<float[]> logprobs = rows(fixture.path("logprobs"));
        List<float[]> old = rows(fixture.path("old"));
        List<float[]> reference = rows(fixture.path("reference"));
        JsonNode corrections = one.path("corrected").asBoolean(false) ? fixture.path("corrections") : null;
        int total = logprobs.stream().mapToInt(row -> row.length).sum();
        double loss = 0;
        for (int i = 0; i < logprobs.size(); i++) {
            int length = logprobs.get(i).length;
            PolicyLoss.Tokens got = PolicyLoss.of(
                    options,
                    fixture.path("advantages").get(i).asDouble(),
                    logprobs.get(i),
                    old.get(i),
                    options.beta() > 0 ? reference.get(i) : null,
                    corrections == null ? null : doubles(corrections.get(i)));
            double weight = options.type()
                    .weight(
                            length,
                            logprobs.size(),
                            total,
                            fixture.path("max_completion_length").asInt());
            for (int t = 0; t < length; t++) {
                loss += weight * got.losses()[t];
                assertThat(weight * got.slopes()[t])
                        .as("completion %d, token %d", i, t)
                        .isCloseTo(one.path("gradient").get(i).get(t).asDouble(), within(1e-9));
            }
        }
        assertThat(loss).isCloseTo(one.path("loss").asDouble(), within(1e-9));
    }

    private static List<float[]> rows(JsonNode node) {
        List<float[]> rows = new ArrayList<>();
        for (JsonNode row : node) {
            double[] values = doubles(row);
            float[] floats = new float[values.length];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = (float) values[i];
            }
            rows.add(floats);
        }
        return rows;
    }

    private static double[] doubles(JsonNode row) {
        return StreamSupport.stream(row.spliterator(), false)
                .mapToDouble(JsonNode::asDouble)
                .toArray();
    }

    @Test
    void lossTypesWeighTokensAsTheirPapersDo() {
        // Two completions of 2 and 6 tokens, at most 10.
        assertThat(LossType.GRPO.weight(2, 2, 8, 10)).isEqualTo(1 / 4.0);
        assertThat(LossType.GRPO.weight(6, 2, 8, 10)).isEqualTo(1 / 12.0, within(1e-15));
        assertThat(LossType.DAPO.weight(2, 2, 8, 10)).isEqualTo(1 / 8.0);
        assertThat(LossType.DAPO.weight(6, 2, 8, 10)).isEqualTo(1 / 8.0);
        assertThat(LossType.DR_GRPO.weight(2, 2, 8, 10)).isEqualTo(1 / 20.0);
        assertThat(LossType.DR_GRPO.weight(6, 2, 8, 10)).isEqualTo(1 / 20.0);
    }
}
