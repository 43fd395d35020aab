package dev.hone.trainer.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hone.datasets.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** 100 steps, 10 of warm-up, a peak of 2: values worked by hand. */
class SchedulesTest {

    @ParameterizedTest
    @CsvSource({
        // The warm-up is the same for all: (step + 1) / 10 of the peak.
        "constant, 0, 0.2",
        "cosine, 4, 1.0",
        "linear, 9, 2.0",
        "warmup_stable_decay, 0, 0.2",
        "constant, 10, 2",
        "constant, 99, 2",
        // 90 steps remain: a third of them done at 40, half at 55, two thirds at 70, all at 100.
        "linear, 10, 2",
        "linear, 55, 1",
        "linear, 70, 0.6666666667",
        "linear, 100, 0",
        "linear, 500, 0",
        "cosine, 10, 2",
        "cosine, 40, 1.5",
        "cosine, 55, 1",
        "cosine, 70, 0.5",
        "cosine, 100, 0",
        "cosine, 500, 0",
        // The last fifth of the 90, 18 steps from 82 on.
        "warmup_stable_decay, 55, 2",
        "warmup_stable_decay, 82, 2",
        "warmup_stable_decay, 91, 1",
        "warmup_stable_decay, 100, 0",
    })
    void followsItsFormula(String name, int step, double expected) {
        assertThat(Schedules.named(name, 2, 100, 10, 0).valueAt(step, 0)).isCloseTo(expected, within(1e-9));
    }

    /**
     * A quarter of the peak is left. transformers' cosine_with_min_lr is (1 + cos(pi p)) / 2 (1 - m) + m of the peak, with
     * p of the 90 steps after warm-up done: at a third 3/4 x 3/4 + 1/4, at half 1/2 x 3/4 + 1/4.
     */
    @ParameterizedTest
    @CsvSource({
        "cosine, 4, 1.0",
        "cosine, 10, 2",
        "cosine, 40, 1.625",
        "cosine, 55, 1.25",
        "cosine, 70, 0.875",
        "cosine, 100, 0.5",
        "cosine, 500, 0.5",
        "linear, 55, 1.25",
        "linear, 70, 1.0",
        "linear, 100, 0.5",
        "warmup_stable_decay, 82, 2",
        "warmup_stable_decay, 91, 1.25",
        "warmup_stable_decay, 100, 0.5",
        "constant, 99, 2",
    })
    void fallsToTheMinimumOnly(String name, int step, double expected) {
        assertThat(Schedules.named(name, 2, 100, 10, 0.25).valueAt(step, 0)).isCloseTo(expected, within(1e-9));
    }

    @Test
    void aWarmUpLongerThanTheRunNeverReachesThePeak() {
        assertThat(Schedules.named("cosine", 2, 100, 200, 0).valueAt(99, 0)).isEqualTo(1);
    }

    @Test
    void aRunOfOneStepHasTheFullRate() {
        assertThat(Schedules.named("linear", 2, 1, 0, 0).valueAt(0, 0)).isEqualTo(2);
        assertThat(Schedules.named("linear", 2, 1, 1, 0).valueAt(0, 0)).isEqualTo(2);
    }

    @Test
    void refusesAnUnknownName() {
        assertThatThrownBy(() -> Schedules.named("cosin", 2, 100, 10, 0))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("cosin")
                .hasMessageContaining("cosine");
    }
}
