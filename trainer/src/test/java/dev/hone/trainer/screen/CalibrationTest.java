package dev.hone.trainer.screen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CalibrationTest {

    @Test
    void agreesWithFiguresWorkedByHand() {
        // Of the four pairs of a 1 and a 0, three are in order and one is tied.
        Calibration calibration = Calibration.of(new double[] {0.1, 0.4, 0.4, 0.8}, new double[] {0, 0, 1, 1});

        assertThat(calibration.auc()).isEqualTo(3.5 / 4);
        assertThat(calibration.brier()).isCloseTo((0.01 + 0.16 + 0.36 + 0.04) / 4, within(1e-12));
        assertThat(calibration.brierConstant()).isEqualTo(0.25);
        // Bins 0.1..0.2, 0.4..0.5 and 0.8..0.9: 0.1, |0.8 - 1| and |0.8 - 1|.
        assertThat(calibration.ece()).isCloseTo((0.1 + 0.2 + 0.2) / 4, within(1e-12));
        assertThat(calibration.helps()).isTrue();
    }

    @Test
    void aRateIsAsManyOutcomes() {
        Calibration rates = Calibration.of(new double[] {0.2, 0.7}, new double[] {0.25, 0.5});
        Calibration outcomes = Calibration.of(
                new double[] {0.2, 0.2, 0.2, 0.2, 0.7, 0.7, 0.7, 0.7}, new double[] {1, 0, 0, 0, 1, 1, 0, 0});

        assertThat(rates.auc()).isCloseTo(outcomes.auc(), within(1e-12));
        assertThat(rates.brier()).isCloseTo(outcomes.brier(), within(1e-12));
        assertThat(rates.brierConstant()).isCloseTo(outcomes.brierConstant(), within(1e-12));
        assertThat(rates.ece()).isCloseTo(outcomes.ece(), within(1e-12));
    }

    @Test
    void oneOutcomeAloneIsNoHelp() {
        Calibration calibration = Calibration.of(new double[] {0.9, 1}, new double[] {1, 1});

        assertThat(calibration.auc()).isEqualTo(0.5);
        assertThat(calibration.helps()).isFalse();
    }

    @Test
    void plattUndoesOverconfidence() {
        Random random = new Random(1);
        double[] scores = new double[2000];
        double[] outcomes = new double[scores.length];
        for (int i = 0; i < scores.length; i++) {
            double logit = 2 * random.nextGaussian() - 1;
            // Scored as three times as sure as it is, and one nat too high.
            scores[i] = 1 / (1 + Math.exp(-(3 * logit + 1)));
            outcomes[i] = random.nextDouble() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
        }

        Platt platt = Platt.fit(scores, outcomes);

        assertThat(platt.slope()).isCloseTo(1.0 / 3, within(0.05));
        assertThat(platt.offset()).isCloseTo(-1.0 / 3, within(0.15));
        double[] scaled = Arrays.stream(scores).map(platt::of).toArray();
        assertThat(Calibration.of(scaled, outcomes).ece())
                .isLessThan(Calibration.of(scores, outcomes).ece() / 4);
    }
}
