package dev.hone.trainer.rl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.datasets.pairs.Pair;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PromptSourceTest {

    private static final List<Pair> PAIRS = IntStream.range(0, 10)
            .mapToObj(i -> new Pair("p" + i, "math", "prompt " + i, "" + i, null, "exact", Map.of()))
            .toList();

    @Test
    void everyPassHoldsEveryPairOnceInItsOwnOrder() {
        PromptSource source = PromptSource.shuffled(PAIRS, 3);
        List<Pair> drawn = new ArrayList<>();
        for (long step = 0; step < 10; step++) {
            drawn.addAll(source.pairs(step, 4));
        }
        for (int pass = 0; pass < 4; pass++) {
            assertThat(drawn.subList(pass * 10, pass * 10 + 10)).containsExactlyInAnyOrderElementsOf(PAIRS);
        }
        assertThat(drawn.subList(0, 10)).isNotEqualTo(drawn.subList(10, 20));
    }

    @Test
    void aStepsPairsFollowFromTheStepAlone() {
        PromptSource source = PromptSource.shuffled(PAIRS, 3);
        List<Pair> first = source.pairs(7, 25);
        source.pairs(2, 3);
        assertThat(source.pairs(7, 25)).isEqualTo(first);
        assertThat(PromptSource.shuffled(PAIRS, 4).pairs(7, 25)).isNotEqualTo(first);
    }
}
