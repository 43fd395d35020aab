package dev.hone.datasets.curate;

import dev.hone.datasets.curate.Dropped.Reason;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/** Drops pairs that would not fit: prompt, response and end-of-text together have more tokens than allowed. */
public final class LengthFilter {
    private final Tokenizer tokenizer;
    private final int maxTokens;

    public LengthFilter(Tokenizer tokenizer, int maxTokens) {
        this.tokenizer = tokenizer;
        this.maxTokens = maxTokens;
    }

    public Selection filter(List<Pair> pairs) {
        List<Pair> kept = new ArrayList<>();
        List<Dropped> dropped = new ArrayList<>();
        for (Pair pair : pairs) {
            if (tokens(pair) > maxTokens) {
                dropped.add(new Dropped(pair, Reason.TOO_LONG));
            } else {
                kept.add(pair);
            }
        }
        return new Selection(kept, dropped);
    }

    private int tokens(Pair pair) {
        int prompt = tokenizer.encode(pair.prompt()).length;
        return prompt + (pair.response() == null ? 0 : tokenizer.encode(pair.response()).length + 1);
    }
}
