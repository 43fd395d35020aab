package dev.hone.trainer.rl;

import java.util.Arrays;

/** Tells where a step's time goes. */
final class Stopwatch {

    /** What a step does. */
    enum Phase {
        /** Draw completions. */
        GENERATE,
        /** Have them judged. */
        VERIFY,
        /** Compute log-probabilities by the reference and before the first update. */
        SCORE,
        /** Change the weights. */
        UPDATE,
        /** All else, such as writing samples down. */
        IDLE
    }

    private final long[] nanos = new long[Phase.values().length];
    private Phase current = Phase.IDLE;
    private long since = System.nanoTime();

    /** Ends what went on until now. */
    void enter(Phase next) {
        long now = System.nanoTime();
        nanos[current.ordinal()] += now - since;
        current = next;
        since = now;
    }

    double seconds(Phase phase) {
        return nanos[phase.ordinal()] / 1e9;
    }

    double seconds() {
        return Arrays.stream(nanos).sum() / 1e9;
    }
}
