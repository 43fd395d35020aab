package dev.hone.datasets.verify;

import dev.hone.datasets.pairs.Pair;
import java.util.Map;

/** Asks a verifier about one completion. */
final class Verifying {
    private Verifying() {}

    static Verdict verify(String verifier, String answer, Map<String, Object> metadata, String completion) {
        return Verifiers.named(verifier).verify(new Pair("p", "d", "?", answer, null, verifier, metadata), completion);
    }
}
