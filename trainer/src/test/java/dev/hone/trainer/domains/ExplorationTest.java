package dev.hone.trainer.domains;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.trainer.recipe.SchedulerKeys;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExplorationTest {

    private static final SchedulerKeys SCHEDULER = new SchedulerKeys(10, 2, 4, 50, List.of(), "warn");

    @Test
    void patienceCountsValidationsWithoutAGainInARow() {
        Exploration exploration = Exploration.START.validated(true).validated(false);
        assertThat(exploration.isOver(SCHEDULER)).isFalse();

        Exploration gained = exploration.validated(true);
        assertThat(gained.stale()).isZero();
        assertThat(gained.reference()).isEqualTo(3);

        Exploration saturated = exploration.validated(false);
        assertThat(saturated.isSaturated(SCHEDULER)).isTrue();
        assertThat(saturated.reference())
                .as("the last real gain stays the reference")
                .isEqualTo(1);
    }

    @Test
    void theLastRoundAllowedEndsItUnsaturated() {
        Exploration exploration = Exploration.START
                .validated(true)
                .validated(true)
                .validated(true)
                .validated(true);

        assertThat(exploration.isOver(SCHEDULER)).isTrue();
        assertThat(exploration.isSaturated(SCHEDULER)).isFalse();
    }
}
