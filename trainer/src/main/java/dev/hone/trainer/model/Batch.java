package dev.hone.trainer.model;

import dev.hone.datasets.text.TokenizedPair;
import java.util.Arrays;
import java.util.List;

/**
 * Sequences packed without padding.
 *
 * @param ids of the pairs, one a sequence
 * @param tokens {@code [tokens]}
 * @param positions {@code [tokens]}: place of each token in its sequence
 * @param offsets {@code [sequences + 1]}: sequence s is tokens {@code [offsets[s], offsets[s + 1])}
 * @param targets {@code [tokens]}: the token to predict, that is the next of the sequence; -1 where there is no loss,
 *     before prompt tokens and at the last of a sequence
 */
public record Batch(List<String> ids, int[] tokens, int[] positions, int[] offsets, int[] targets) {

    /** Packs pairs in the order given; the loss is on what is to be learned of them, such as their responses. */
    public static Batch pack(List<TokenizedPair> pairs) {
        int total = pairs.stream().mapToInt(TokenizedPair::length).sum();
        int[] tokens = new int[total];
        int[] positions = new int[total];
        int[] targets = new int[total];
        int[] offsets = new int[pairs.size() + 1];
        Arrays.fill(targets, -1);
        int at = 0;
        for (int s = 0; s < pairs.size(); s++) {
            TokenizedPair pair = pairs.get(s);
            System.arraycopy(pair.tokens(), 0, tokens, at, pair.length());
            for (int i = 0; i < pair.length(); i++) {
                positions[at + i] = i;
            }
            for (int i = 1; i < pair.length(); i++) {
                if (pair.learned()[i]) {
                    targets[at + i - 1] = pair.tokens()[i];
                }
            }
            at += pair.length();
            offsets[s + 1] = at;
        }
        return new Batch(pairs.stream().map(TokenizedPair::id).toList(), tokens, positions, offsets, targets);
    }

    /**
     * {@code -sum(coefficients * logprobs)}, over the tokens that have a target.
     *
     * @param coefficients {@code [tokens]}
     * @param logprobs {@code [tokens]}, of the targets
     */
    public double loss(float[] coefficients, float[] logprobs) {
        double loss = 0;
        for (int t = 0; t < tokens.length; t++) {
            if (targets[t] >= 0) {
                loss -= (double) coefficients[t] * logprobs[t];
            }
        }
        return loss;
    }

    /** Number of tokens. */
    public int size() {
        return tokens.length;
    }

    public int sequences() {
        return offsets.length - 1;
    }

    /** Number of tokens that carry loss. */
    public int lossTokens() {
        int count = 0;
        for (int target : targets) {
            if (target >= 0) {
                count++;
            }
        }
        return count;
    }
}
