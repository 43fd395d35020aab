package dev.hone.trainer.run;

import dev.hone.datasets.text.TokenizedPair;
import java.util.List;
import java.util.Map;

/**
 * What a recipe's data come to, counted before anything is computed.
 *
 * @param domains what is learned of each domain
 * @param maxLength tokens that a pair may have
 * @param steps optimizer steps of each stage, at most; without stages whose data the model is to write itself
 */
public record DataCounts(Map<String, Domain> domains, int maxLength, Map<String, Long> steps) {

    /**
     * Pairs that are learned as they stand; none where the model practises their prompts only.
     *
     * @param tokens of all, prompts included
     * @param longest tokens of the longest
     */
    public record Domain(int pairs, long tokens, int longest) {

        public static Domain of(List<TokenizedPair> pairs) {
            return new Domain(
                    pairs.size(),
                    pairs.stream().mapToLong(TokenizedPair::length).sum(),
                    pairs.stream().mapToInt(TokenizedPair::length).max().orElse(0));
        }
    }
}
