package dev.hone.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The figures are those of HumanEval, lm-evaluation-harness and SciPy; see make_statistics_fixtures.py. */
class StatisticsParityTest {

    private static final JsonNode FIXTURES = fixtures();

    @Test
    void passAtKIsHumanEvals() {
        assertThat(FIXTURES.path("pass_at_k")).isNotEmpty().allSatisfy(one -> {
            for (int i = 0; i < one.path("correct").size(); i++) {
                int correct = one.path("correct").get(i).asInt();
                assertThat(PassAtK.estimate(
                                one.path("n").asInt(), correct, one.path("k").asInt()))
                        .isCloseTo(one.path("estimates").get(i).asDouble(), within(1e-12));
            }
        });
    }

    @Test
    void averageAndStandardErrorAreTheHarnesss() {
        assertThat(FIXTURES.path("means")).isNotEmpty().allSatisfy(one -> {
            double[] scores = numbers(one.path("scores"));
            assertThat(ClusterInterval.standardError(scores))
                    .isCloseTo(one.path("stderr").asDouble(), within(1e-12));
            Interval interval = ClusterInterval.of(scores, 1);
            assertThat(interval.contains(one.path("mean").asDouble())).isTrue();
        });
    }

    @Test
    void theMajoritysAnswerIsTheHarnesss() {
        assertThat(FIXTURES.path("majority")).isNotEmpty().allSatisfy(one -> {
            String winner = one.path("winner").asString();
            List<MajorityVote.Vote> right = new ArrayList<>();
            List<MajorityVote.Vote> wrong = new ArrayList<>();
            one.path("answers").forEach(answer -> {
                boolean wins = answer.asString().equals(winner);
                right.add(new MajorityVote.Vote(answer.asString(), wins));
                wrong.add(new MajorityVote.Vote(answer.asString(), !wins));
            });
            assertThat(MajorityVote.score(right)).isEqualTo(1);
            assertThat(MajorityVote.score(wrong)).isEqualTo(0);
        });
    }

    @Test
    void wilsonsIntervalIsSciPys() {
        assertThat(FIXTURES.path("wilson")).isNotEmpty().allSatisfy(one -> {
            Interval interval = Wilson.interval(
                    one.path("successes").asLong(), one.path("trials").asLong());
            assertThat(interval.low()).isCloseTo(one.path("low").asDouble(), within(1e-12));
            assertThat(interval.high()).isCloseTo(one.path("high").asDouble(), within(1e-12));
        });
    }

    /** Other draws of the same distribution: as near as 50,000 of them bring the ends. */
    @Test
    void theBootstrapsIntervalIsSciPys() {
        assertThat(FIXTURES.path("bootstrap")).isNotEmpty().allSatisfy(one -> {
            double[] values = numbers(one.path("values"));
            Interval interval = Bootstrap.mean(values, 50_000, 1);
            double step = 1.0 / values.length;
            assertThat(interval.low()).isCloseTo(one.path("low").asDouble(), within(step));
            assertThat(interval.high()).isCloseTo(one.path("high").asDouble(), within(step));
        });
    }

    @Test
    void mcNemarsTestIsSciPysBinomialTest() {
        assertThat(FIXTURES.path("mcnemar"))
                .isNotEmpty()
                .allSatisfy(one -> assertThat(McNemar.pValue(
                                one.path("gained").asInt(), one.path("lost").asInt()))
                        .isCloseTo(one.path("p").asDouble(), within(1e-10)));
    }

    private static double[] numbers(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .mapToDouble(JsonNode::asDouble)
                .toArray();
    }

    private static JsonNode fixtures() {
        try (InputStream in = StatisticsParityTest.class.getResourceAsStream("/statistics.json")) {
            return new JsonMapper().readTree(Objects.requireNonNull(in).readAllBytes());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
