package dev.hone.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PassAtKTest {

    @ParameterizedTest
    @CsvSource({"5, 2, 1, 0.4", "5, 2, 2, 0.7", "5, 2, 3, 0.9", "5, 2, 4, 1", "5, 0, 5, 0", "200, 1, 100, 0.5"})
    void agreesWithValuesWorkedByHand(int attempts, int correct, int k, double expected) {
        assertThat(PassAtK.estimate(attempts, correct, k)).isCloseTo(expected, within(1e-12));
    }

    /** Bit i of a subset or of the correct ones stands for attempt i. */
    @Test
    void isTheShareOfSubsetsThatHoldACorrectAttempt() {
        int attempts = 8;
        for (int correct = 0; correct <= attempts; correct++) {
            int correctOnes = (1 << correct) - 1;
            for (int k = 1; k <= attempts; k++) {
                int subsets = 0;
                int passing = 0;
                for (int subset = 0; subset < 1 << attempts; subset++) {
                    if (Integer.bitCount(subset) == k) {
                        subsets++;
                        passing += (subset & correctOnes) != 0 ? 1 : 0;
                    }
                }
                assertThat(PassAtK.estimate(attempts, correct, k))
                        .as("pass@%d of %d", k, correct)
                        .isCloseTo((double) passing / subsets, within(1e-12));
            }
        }
    }

    @Test
    void refusesMoreThanWereMade() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PassAtK.estimate(4, 2, 5))
                .withMessage("pass@5 of 2 correct in 4 attempts");
    }
}
