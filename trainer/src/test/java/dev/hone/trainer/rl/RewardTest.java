package dev.hone.trainer.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import dev.hone.datasets.verify.Verdict;
import org.junit.jupiter.api.Test;

class RewardTest {

    private static final Reward REWARD = new Reward(1, 0.25);

    @Test
    void sumsItsParts() {
        assertThat(REWARD.of(new Verdict(true, "4", null), true)).isEqualTo(1.25);
        assertThat(REWARD.of(new Verdict(true, "4", null), false)).isEqualTo(1);
        assertThat(REWARD.of(new Verdict(false, "5", null), true)).isEqualTo(0.25);
        assertThat(REWARD.of(new Verdict(false, null, null), true)).isZero();
    }

    @Test
    void aFailedVerifierIsNotAWrongAnswer() {
        assertThat(REWARD.of(new Verdict(false, null, "timed out"), true)).isNaN();
    }

    @Test
    void weightsMustRewardSomething() {
        assertThatThrownBy(() -> new Reward(0, 0)).isInstanceOf(UserError.class).hasMessageContaining("not both 0");
        assertThatThrownBy(() -> new Reward(-1, 2)).isInstanceOf(UserError.class);
    }
}
