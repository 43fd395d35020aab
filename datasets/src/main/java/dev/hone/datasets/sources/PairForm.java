package dev.hone.datasets.sources;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.MalformedPair;
import dev.hone.datasets.pairs.MalformedPair.Kind;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.PairJson;
import dev.hone.datasets.verify.Verifiers;
import tools.jackson.databind.JsonNode;

/** Pairs as {@link dev.hone.datasets.pairs.PairWriter} writes them. */
final class PairForm implements RowForm {
    @Override
    public Pair pair(JsonNode row, String id, String source) {
        Pair pair = PairJson.pair(row);
        try {
            // An unknown verifier is found before hours of training, not when it is first asked.
            Verifiers.named(pair.verifier());
        } catch (UserError e) {
            throw new MalformedPair(Kind.UNKNOWN, String.valueOf(e.getMessage()));
        }
        return pair;
    }

    @Override
    public boolean hasIds() {
        return true;
    }
}
