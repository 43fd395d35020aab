package dev.hone.datasets.curate;

import dev.hone.datasets.curate.Dropped.Reason;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.text.Tokenizer;
import java.util.Optional;

/** Drops pairs that would not fit: prompt, response and end-of-text together have more tokens than allowed. */
public final class LengthFilter implements PairRule {
    private final Tokenizer tokenizer;
    private final int maxTokens;

    public LengthFilter(Tokenizer tokenizer, int maxTokens) {
        this.tokenizer = tokenizer;
        this.maxTokens = maxTokens;
    }

    @Override
    public Optional<Dropped> judge(Pair pair) {
        int tokens = tokens(pair);
        return tokens > maxTokens
                ? Optional.of(new Dropped(pair.withMetadata("tokens", tokens), Reason.TOO_LONG))
                : Optional.empty();
    }

    private int tokens(Pair pair) {
        int prompt = tokenizer.encode(pair.prompt()).length;
        return prompt + (pair.response() == null ? 0 : tokenizer.encode(pair.response()).length + 1);
    }
}
