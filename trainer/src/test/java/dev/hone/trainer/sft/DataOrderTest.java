package dev.hone.trainer.sft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.datasets.text.TokenizedPair;
import dev.hone.trainer.model.Models;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DataOrderTest {

    private static final List<TokenizedPair> PAIRS = Models.pairs(1, 5, 9, 4, 7, 12, 3, 8, 6, 5, 11);

    @Test
    void everyEpochVisitsEveryPairOnceInAnOrderOfItsOwn() {
        DataOrder order = new DataOrder(PAIRS, 20, 3);
        assertThat(order.stepsPerEpoch()).isEqualTo(4);
        List<TokenizedPair> first = epoch(order, 0);
        List<TokenizedPair> second = epoch(order, 1);
        assertThat(first).containsExactlyInAnyOrderElementsOf(PAIRS);
        assertThat(second).containsExactlyInAnyOrderElementsOf(PAIRS);
        assertThat(second).isNotEqualTo(first);
        assertThat(epoch(new DataOrder(PAIRS, 20, 4), 0)).isNotEqualTo(first);
    }

    @Test
    void aStepsPairsFollowFromItsNumberAlone() {
        DataOrder inOrder = new DataOrder(PAIRS, 20, 3);
        List<List<TokenizedPair>> steps = new ArrayList<>();
        for (int step = 0; step < 12; step++) {
            steps.add(List.copyOf(inOrder.step(step)));
        }
        DataOrder jumping = new DataOrder(PAIRS, 20, 3);
        for (int step : new int[] {11, 0, 5, 4, 7}) {
            assertThat(jumping.step(step)).isEqualTo(steps.get(step));
        }
    }

    @Test
    void noStepIsEmptyHoweverFewTokensItMayHave() {
        DataOrder order = new DataOrder(PAIRS, 1, 3);
        for (int step = 0; step < order.stepsPerEpoch(); step++) {
            assertThat(order.step(step)).isNotEmpty();
        }
    }

    private static List<TokenizedPair> epoch(DataOrder order, int epoch) {
        List<TokenizedPair> pairs = new ArrayList<>();
        for (int i = 0; i < order.stepsPerEpoch(); i++) {
            pairs.addAll(order.step((long) epoch * order.stepsPerEpoch() + i));
        }
        return pairs;
    }
}
