package dev.hone.trainer.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyLossTest {

    /** Worked by hand, ratio = exp(logprob - old): epsilon 0.2 below, 0.3 above, no KL. */
    @ParameterizedTest
    @CsvSource({
        // ratio, advantage, loss, coefficient, clipped
        "1.0,  2, -2.0,  2.0, false",
        "1.25, 2, -2.5,  2.5, false",
        "1.4,  2, -2.6,  0.0, true",
        "0.5,  2, -1.0,  1.0, false",
        "1.0, -2,  2.0, -2.0, false",
        "0.9, -2,  1.8, -1.8, false",
        "0.5, -2,  1.6,  0.0, true",
        "3.0, -2,  6.0, -6.0, false",
        "3.0,  0,  0.0,  0.0, false",
    })
    void clipsOnlyWhereTheAdvantagePullsFurtherOut(
            double ratio, double advantage, double loss, double coefficient, boolean clipped) {
        PolicyLoss policyLoss = new PolicyLoss(0.2, 0.3, 0);
        double old = -1.5;
        double logprob = old + Math.log(ratio);
        assertThat(policyLoss.loss(logprob, old, Double.NaN, advantage)).isCloseTo(loss, within(1e-9));
        assertThat(policyLoss.coefficient(logprob, old, Double.NaN, advantage)).isCloseTo(coefficient, within(1e-9));
        assertThat(policyLoss.clipped(logprob, old, advantage)).isEqualTo(clipped);
    }

    @Test
    void theCoefficientIsTheNegativeDerivative() {
        SplittableRandom random = new SplittableRandom(7);
        double h = 1e-5;
        for (int i = 0; i < 2000; i++) {
            PolicyLoss policyLoss = new PolicyLoss(0.2, 0.28, i % 2 == 0 ? 0 : random.nextDouble(0.5));
            double logprob = -random.nextDouble(4);
            double old = logprob + random.nextDouble(-0.6, 0.6);
            double reference = logprob + random.nextDouble(-1, 1);
            double advantage = random.nextDouble(-2, 2);
            boolean atTheKink =
                    policyLoss.clipped(logprob - h, old, advantage) != policyLoss.clipped(logprob + h, old, advantage);
            if (atTheKink) {
                continue;
            }
            double slope = (policyLoss.loss(logprob + h, old, reference, advantage)
                            - policyLoss.loss(logprob - h, old, reference, advantage))
                    / (2 * h);
            assertThat(policyLoss.coefficient(logprob, old, reference, advantage))
                    .isCloseTo(-slope, within(1e-7));
        }
    }

    @Test
    void k3EstimatesTheDivergenceOfTwoDistributions() {
        double[] policy = {0.5, 0.3, 0.2};
        double[] reference = {0.2, 0.2, 0.6};
        double expected = 0;
        double estimate = 0;
        for (int i = 0; i < policy.length; i++) {
            expected += policy[i] * Math.log(policy[i] / reference[i]);
            estimate += policy[i] * PolicyLoss.kl(Math.log(policy[i]), Math.log(reference[i]));
        }
        assertThat(estimate).isCloseTo(expected, within(1e-12));
        assertThat(PolicyLoss.kl(-1, -1)).isZero();
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
