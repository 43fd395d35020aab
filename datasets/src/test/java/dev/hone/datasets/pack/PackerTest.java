package dev.hone.datasets.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import dev.hone.datasets.text.TokenizedPair;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackerTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void everyPairIsInOneBinAndNoBinIsTooLarge(long seed) {
        Random random = new Random(seed);
        List<TokenizedPair> pairs = IntStream.range(0, 500)
                .mapToObj(i -> pair("p" + i, 2 + random.nextInt(99)))
                .toList();

        List<List<TokenizedPair>> bins = Packer.pack(pairs, 100);

        assertThat(bins.stream().flatMap(List::stream)).containsExactlyInAnyOrderElementsOf(pairs);
        assertThat(bins).allSatisfy(bin -> assertThat(tokens(bin)).isLessThanOrEqualTo(100));
        int total = pairs.stream().mapToInt(TokenizedPair::length).sum();
        // No packing needs fewer than total/100 bins; Johnson's bound on best fit decreasing is 11/9 of the fewest,
        // plus 4.
        assertThat(bins.size()).isLessThanOrEqualTo((int) Math.floor(11 / 9.0 * Math.ceil(total / 100.0) + 4));
    }

    /** The fewest bins, by trying every way to fill them. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void fewPairsAreWithinTheBoundOfTheBestPacking(long seed) {
        int[] lengths = new Random(seed).ints(9, 2, 11).toArray();
        List<TokenizedPair> pairs =
                IntStream.range(0, 9).mapToObj(i -> pair("p" + i, lengths[i])).toList();

        int fewest = fewest(lengths, 0, new int[9], 0);

        assertThat(Packer.pack(pairs, 10).size()).isBetween(fewest, fewest * 11 / 9 + 1);
    }

    @Test
    void takesTheFullestBinThatFits() {
        List<List<TokenizedPair>> bins =
                Packer.pack(List.of(pair("four", 4), pair("seven", 7), pair("three", 3), pair("six", 6)), 10);

        assertThat(bins)
                .extracting(bin -> bin.stream().map(TokenizedPair::id).toList())
                .containsExactly(List.of("seven", "three"), List.of("six", "four"));
    }

    @Test
    void equalLengthsKeepTheirOrder() {
        List<List<TokenizedPair>> bins = Packer.pack(List.of(pair("a", 5), pair("b", 5), pair("c", 5)), 10);

        assertThat(bins.stream().flatMap(List::stream).map(TokenizedPair::id)).containsExactly("a", "b", "c");
    }

    @Test
    void nothingPacksIntoNothing() {
        assertThat(Packer.pack(List.of(), 10)).isEmpty();
    }

    @Test
    void aPairLongerThanABinIsNamed() {
        assertThatThrownBy(() -> Packer.pack(List.of(pair("a", 10), pair("giant", 11)), 10))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("giant")
                .hasMessageContaining("11 tokens, longer than max_length 10");
    }

    private static int fewest(int[] lengths, int next, int[] bins, int used) {
        if (next == lengths.length) {
            return used;
        }
        int best = lengths.length;
        for (int bin = 0; bin <= used && bin < bins.length; bin++) {
            if (bins[bin] + lengths[next] <= 10) {
                bins[bin] += lengths[next];
                best = Math.min(best, fewest(lengths, next + 1, bins, Math.max(used, bin + 1)));
                bins[bin] -= lengths[next];
            }
        }
        return best;
    }

    private static int tokens(List<TokenizedPair> bin) {
        return bin.stream().mapToInt(TokenizedPair::length).sum();
    }

    private static TokenizedPair pair(String id, int length) {
        return new TokenizedPair(id, new int[length], 1);
    }
}
