package dev.hone.datasets.curate;

import dev.hone.datasets.pairs.Pair;
import java.util.Locale;

/** A pair left out, and why. */
public record Dropped(Pair pair, Reason reason) {

    /** The pair with its reason in its metadata, as {@code dropped}. */
    public Pair labelled() {
        return pair.withMetadata("dropped", reason.name().toLowerCase(Locale.ROOT));
    }

    /** Why a pair is left out; written in lower case in reports. */
    public enum Reason {
        DUPLICATE,
        CONTAMINATED,
        TOO_LONG,
        TOO_SHORT,
        OTHER_SCRIPT,
        OTHER_LANGUAGE,
        LOW_QUALITY,
        /** Not attempted, since others were likelier to be kept. */
        SCREENED_OUT,
        MASTERED,
        HOPELESS,
        VERIFIER_ERROR
    }
}
