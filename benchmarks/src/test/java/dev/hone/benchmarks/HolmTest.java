package dev.hone.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class HolmTest {

    /** R: {@code p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")}. */
    @Test
    void adjustsAsRDoes() {
        assertThat(Holm.adjusted(0.01, 0.04, 0.03, 0.005))
                .containsExactly(new double[] {0.03, 0.06, 0.06, 0.02}, within(1e-12));
    }

    @Test
    void oneComparisonNeedsNoCorrection() {
        assertThat(Holm.adjusted(0.2)).containsExactly(0.2);
        assertThat(Holm.adjusted()).isEmpty();
    }

    @Test
    void nothingIsLikelierThanCertain() {
        assertThat(Holm.adjusted(0.6, 0.9)).containsExactly(1, 1);
    }
}
