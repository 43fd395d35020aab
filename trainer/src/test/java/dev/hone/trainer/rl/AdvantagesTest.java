package dev.hone.trainer.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hone.trainer.rl.AdvantageOptions.Baseline;
import dev.hone.trainer.rl.AdvantageOptions.Scale;
import org.junit.jupiter.api.Test;

class AdvantagesTest {

    private static final AdvantageOptions GROUP = AdvantageOptions.DEFAULTS;

    private static AdvantageOptions options(Scale scale) {
        return new AdvantageOptions(Baseline.GROUP, scale);
    }

    @Test
    void aGroupIsScaledByItsOwnUnbiasedDeviation() {
        // mean 1/4, squares 9/16 + 3 * 1/16 = 3/4, std = sqrt(3/4 / 3) = 1/2
        Advantages advantages = Advantages.of(new double[] {1, 0, 0, 0}, 4, GROUP);
        assertThat(advantages.values()[0]).isCloseTo(0.75 / 0.5001, within(1e-12));
        assertThat(advantages.values()[3]).isCloseTo(-0.25 / 0.5001, within(1e-12));
        assertThat(advantages.degenerateGroups()).isZero();
    }

    @Test
    void theBatchesDeviationSpansGroups() {
        // rewards 1 0 | 1 1: batch mean 3/4, std = sqrt((3 * 1/16 + 9/16) / 3) = 1/2; group means 1/2 and 1
        Advantages advantages = Advantages.of(new double[] {1, 0, 1, 1}, 2, options(Scale.BATCH));
        assertThat(advantages.values())
                .containsExactly(new double[] {0.5 / 0.5001, -0.5 / 0.5001, 0, 0}, within(1e-12));
        assertThat(advantages.isDegenerate(0)).isFalse();
        assertThat(advantages.isDegenerate(1)).isTrue();
    }

    @Test
    void unscaledIsTheDistanceFromTheMean() {
        Advantages advantages = Advantages.of(new double[] {1, 0, 0, 2, 0, 0}, 3, options(Scale.NONE));
        assertThat(advantages.values())
                .containsExactly(
                        new double[] {2 / 3.0, -1 / 3.0, -1 / 3.0, 4 / 3.0, -2 / 3.0, -2 / 3.0}, within(1e-12));
    }

    @Test
    void equalRewardsTeachNothing() {
        Advantages advantages = Advantages.of(new double[] {0.1, 0.1, 0.1, 0.1}, 2, GROUP);
        assertThat(advantages.values()).containsOnly(0);
        assertThat(advantages.degenerateGroups()).isEqualTo(2);
    }

    @Test
    void anUnknownRewardIsInNoMean() {
        Advantages advantages = Advantages.of(new double[] {1, Double.NaN, 0}, 3, options(Scale.NONE));
        assertThat(advantages.values()).containsExactly(0.5, 0, -0.5);
    }

    @Test
    void leavingOneOutComparesWithTheOthers() {
        // others' means: (0 + 0) / 2, (3 + 0) / 2, (3 + 0) / 2
        Advantages advantages = Advantages.of(
                new double[] {3, 0, 0, 5, Double.NaN, 1}, 3, new AdvantageOptions(Baseline.LEAVE_ONE_OUT, Scale.NONE));
        assertThat(advantages.values()).containsExactly(new double[] {3, -1.5, -1.5, 4, 0, -4}, within(1e-12));
    }

    @Test
    void theBatchesMeanTeachesAlsoFromGroupsOfEqualRewards() {
        // mean 1/2, std = sqrt(4 * 1/4 / 3)
        Advantages advantages =
                Advantages.of(new double[] {1, 1, 0, 0}, 2, new AdvantageOptions(Baseline.BATCH, Scale.BATCH));
        double std = Math.sqrt(1 / 3.0) + 1e-4;
        assertThat(advantages.values())
                .containsExactly(new double[] {0.5 / std, 0.5 / std, -0.5 / std, -0.5 / std}, within(1e-12));
        assertThat(advantages.degenerateGroups()).isEqualTo(2);
    }
}
