package dev.hone.trainer.rl.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RewardsTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    private static Pair pair(String domain) {
        return new Pair("p", domain, "1 + 1 = ?", "2", null, "exact", Map.of());
    }

    private static RewardPart part(String name, double weight, RewardFunction function, String... domains) {
        return new RewardPart(name, weight, Set.of(domains), function);
    }

    private static Score score(Rewards rewards, String domain, String completion) {
        return rewards.score(pair(domain), completion, new int[] {1, 2, 3}, true);
    }

    @Test
    void sumsWeighedPartsOfTheDomain() {
        Rewards rewards = new Rewards(
                List.of(
                        part("accuracy", 2, new Accuracy()),
                        part("tokens", -0.5, sample -> sample.tokens().length, "math"),
                        part("logic only", 100, sample -> 1, "logic")),
                LONG);
        Score right = score(rewards, "math", "Answer: 2");
        assertThat(right.reward()).isEqualTo(2 - 1.5);
        assertThat(right.parts()).isEqualTo(Map.of("accuracy", 1.0, "tokens", 3.0));
        assertThat(right.error()).isNull();
        assertThat(right.verdict().correct()).isTrue();
        assertThat(score(rewards, "logic", "Answer: 3").reward()).isEqualTo(100);
    }

    @Test
    void whatCannotBeToldIsSaidAndNotGuessed() {
        assertThat(score(throwing(), "math", "Answer: 2"))
                .satisfies(score -> assertThat(score.reward()).isNaN())
                .satisfies(score ->
                        assertThat(score.error()).contains("judge threw").contains("out of order"));
        Rewards nan = new Rewards(List.of(part("judge", 1, sample -> Double.NaN)), LONG);
        assertThat(score(nan, "math", "Answer: 2").error()).isEqualTo("judge returned NaN");
        Rewards infinite = new Rewards(List.of(part("judge", 1, sample -> 1 / 0.0)), LONG);
        assertThat(score(infinite, "math", "Answer: 2").reward()).isNaN();
    }

    @Test
    void anErrorOfAPartIsSaidToo() {
        Rewards failing = new Rewards(
                List.of(part("judge", 1, sample -> {
                    throw new AssertionError("out of order");
                })),
                LONG);
        assertThat(score(failing, "math", "Answer: 2"))
                .satisfies(score -> assertThat(score.reward()).isNaN())
                .satisfies(score -> assertThat(score.error()).contains("out of order"));
    }

    private static Rewards throwing() {
        return new Rewards(
                List.of(part("judge", 1, sample -> {
                    throw new IllegalStateException("out of order");
                })),
                LONG);
    }

    @Test
    void everyDomainHasAReward() {
        Rewards rewards = new Rewards(List.of(part("accuracy", 1, new Accuracy(), "math")), LONG);
        rewards.requireFor(List.of(pair("math")));
        assertThatThrownBy(() -> rewards.requireFor(List.of(pair("math"), pair("logic"))))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("No reward is for domain logic");
        assertThatThrownBy(() -> new Rewards(List.of(part("a", 1, new Accuracy()), part("a", 1, new Accuracy())), LONG))
                .isInstanceOf(UserError.class);
        assertThatThrownBy(() -> part("a", 0, new Accuracy())).isInstanceOf(UserError.class);
    }
}
