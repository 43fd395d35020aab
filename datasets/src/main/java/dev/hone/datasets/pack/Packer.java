package dev.hone.datasets.pack;

import dev.hone.datasets.UserError;
import dev.hone.datasets.text.TokenizedPair;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Packs sequences into bins of a limited number of tokens. */
public final class Packer {
    private Packer() {}

    /**
     * Packs by best-fit decreasing: the longest first, each into the fullest bin it fits in (Johnson 1973: at most 11/9
     * of the fewest bins, plus a constant). Deterministic; equally long pairs keep the order given.
     *
     * @return bins of at most {@code maxTokens} tokens, every pair in exactly one
     * @throws UserError where a pair alone is longer than {@code maxTokens}
     */
    public static List<List<TokenizedPair>> pack(List<TokenizedPair> pairs, int maxTokens) {
        List<TokenizedPair> longestFirst = new ArrayList<>(pairs);
        longestFirst.sort(Comparator.comparingInt(TokenizedPair::length).reversed());
        List<List<TokenizedPair>> bins = new ArrayList<>();
        TreeMap<Integer, ArrayList<List<TokenizedPair>>> binsByRoom = new TreeMap<>();
        for (TokenizedPair pair : longestFirst) {
            if (pair.length() > maxTokens) {
                throw new UserError(
                        "Pair %s has %d tokens, longer than max_length %d; raise max_length or leave the pair out"
                                .formatted(pair.id(), pair.length(), maxTokens));
            }
            Map.Entry<Integer, ArrayList<List<TokenizedPair>>> fullest = binsByRoom.ceilingEntry(pair.length());
            List<TokenizedPair> bin;
            int room;
            if (fullest == null) {
                bin = new ArrayList<>();
                bins.add(bin);
                room = maxTokens;
            } else {
                room = fullest.getKey();
                bin = fullest.getValue().remove(fullest.getValue().size() - 1);
                if (fullest.getValue().isEmpty()) {
                    binsByRoom.remove(room);
                }
            }
            bin.add(pair);
            binsByRoom
                    .computeIfAbsent(room - pair.length(), ignored -> new ArrayList<>())
                    .add(bin);
        }
        return bins;
    }
}
