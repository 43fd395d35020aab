package dev.hone.trainer.screen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.trainer.screen.TeachabilityScreen.Graded;
import dev.hone.trainer.screen.TeachabilityScreen.Prediction;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TeachabilityScreenTest {

    private static final int FEATURES = 12;
    private static final int ATTEMPTS = 4;

    @Test
    void predictsPairsItHasNotSeenBetterThanTheirMeanDoes() {
        TeachabilityScreen screen = TeachabilityScreen.fit(pairs(300, 1, true), 1);
        List<Graded> unseen = pairs(500, 2, true);

        Calibration kept = Calibration.of(
                predict(screen, unseen).stream()
                        .mapToDouble(Prediction::teachable)
                        .toArray(),
                unseen.stream().mapToDouble(pair -> pair.kept() ? 1 : 0).toArray());
        Calibration passRate = Calibration.of(
                predict(screen, unseen).stream()
                        .mapToDouble(Prediction::passRate)
                        .toArray(),
                unseen.stream().mapToDouble(Graded::passRate).toArray());

        assertThat(kept.brier()).isLessThan(0.8 * kept.brierConstant());
        assertThat(kept.auc()).isGreaterThan(0.8);
        assertThat(passRate.brier()).isLessThan(0.8 * passRate.brierConstant());
        // What it says of itself, from the pairs it learned from, is not better than it is.
        assertThat(screen.quality().teachable().auc()).isLessThan(kept.auc() + 0.05);
        assertThat(screen.quality().teachable().helps()).isTrue();
    }

    @Test
    void saysThatItDoesNotHelpWhereFeaturesTellNothing() {
        TeachabilityScreen screen = TeachabilityScreen.fit(pairs(300, 3, false), 1);

        assertThat(screen.quality().teachable().auc()).isBetween(0.4, 0.6);
        assertThat(screen.quality().teachable().brier())
                .isGreaterThan(0.97 * screen.quality().teachable().brierConstant());
    }

    @Test
    void theSamePairsAndSeedGiveTheSameBits() {
        List<Graded> pairs = pairs(120, 4, true);

        assertThat(predict(TeachabilityScreen.fit(pairs, 5), pairs))
                .isEqualTo(predict(TeachabilityScreen.fit(pairs, 5), pairs))
                .isNotEqualTo(predict(TeachabilityScreen.fit(pairs, 6), pairs));
    }

    private static List<Prediction> predict(TeachabilityScreen screen, List<Graded> pairs) {
        return screen.predict(pairs.stream().map(Graded::features).toArray(float[][]::new));
    }

    /** Pairs that are easier the larger the sum of two of their features is, or that nothing says anything about. */
    private static List<Graded> pairs(int count, long seed, boolean told) {
        Random random = new Random(seed);
        List<Graded> pairs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            float[] features = new float[FEATURES];
            for (int j = 0; j < FEATURES; j++) {
                features[j] = (float) (10 * j + (j + 1) * random.nextGaussian());
            }
            double ease = told ? 3 * (features[0] + (features[3] - 30) / 4) : 4 * random.nextGaussian();
            int correct = 0;
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                correct += random.nextDouble() < 1 / (1 + Math.exp(-ease)) ? 1 : 0;
            }
            pairs.add(new Graded(features, (double) correct / ATTEMPTS, correct >= 2));
        }
        return pairs;
    }
}
