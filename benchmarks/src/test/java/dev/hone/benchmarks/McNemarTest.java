package dev.hone.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class McNemarTest {

    /** Sums of binomials in whole numbers: 2 (1 + 12 + 66) / 4096 for the first. The last with Python's integers. */
    @ParameterizedTest
    @CsvSource({
        "10, 2, 0.03857421875",
        "2, 10, 0.03857421875",
        "0, 6, 0.03125",
        "5, 5, 1",
        "0, 0, 1",
        "3, 17, 0.0025768280029296875",
        "1000, 900, 0.02310884510890107",
    })
    void agreesWithExactSums(int gained, int lost, double expected) {
        assertThat(McNemar.pValue(gained, lost)).isCloseTo(expected, within(1e-12));
    }
}
