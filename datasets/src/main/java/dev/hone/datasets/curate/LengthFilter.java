package dev.hone.datasets.curate;

import dev.hone.datasets.curate.Dropped.Reason;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.text.PairFormat;
import java.util.Optional;

/** Drops pairs that would not fit: as the model reads them they have more tokens than allowed. */
public final class LengthFilter implements PairRule {
    private final PairFormat format;
    private final int maxTokens;

    public LengthFilter(PairFormat format, int maxTokens) {
        this.format = format;
        this.maxTokens = maxTokens;
    }

    @Override
    public Optional<Dropped> judge(Pair pair) {
        int tokens = format.length(pair);
        return tokens > maxTokens
                ? Optional.of(new Dropped(pair.withMetadata("tokens", tokens), Reason.TOO_LONG))
                : Optional.empty();
    }
}
