package dev.hone.trainer.distributed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SharesTest {

    @Test
    void theLargestGoFirst() {
        // 7 to rank 0, 6 and then 5 to rank 1 and 2; 4 to rank 2 (5), 3 to rank 1 (6), 2 to rank 0 (7).
        assertThat(Shares.deal(List.of(2, 3, 4, 5, 6, 7), Integer::longValue, 3))
                .containsExactly(List.of(0, 5), List.of(1, 4), List.of(2, 3));
    }

    @Test
    void someGetNothingWhereThereIsTooLittle() {
        assertThat(Shares.deal(List.of(4), Integer::longValue, 2)).containsExactly(List.of(0), List.of());
    }

    @Test
    void resultsComeBackToTheirPlaces() {
        List<String> work = List.of("aaa", "b", "cc", "dddd");
        List<List<Integer>> shares = Shares.deal(work, String::length, 2);

        List<List<String>> results =
                shares.stream().map(share -> Shares.of(share, work)).toList();

        assertThat(Shares.whole(shares, results)).isEqualTo(work);
    }
}
