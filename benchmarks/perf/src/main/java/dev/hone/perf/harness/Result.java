package dev.hone.perf.harness;

import org.jspecify.annotations.Nullable;

/**
 * What came out for a row.
 *
 * @param honeMemory null, like {@code libtorchMemory}, where memory is not measured
 */
public record Result(
        Row row,
        Duel.Outcome outcome,
        @Nullable Memory honeMemory,
        @Nullable Memory libtorchMemory) {

    /** Null where the row has no target. */
    public @Nullable Boolean fastEnough() {
        if (row.target() == 0) {
            return null;
        }
        return outcome.ratio() >= row.target();
    }

    /** Whether hone's work took no more memory than libtorch's; null where it is not measured. */
    public @Nullable Boolean smallEnough() {
        if (honeMemory == null || libtorchMemory == null) {
            return null;
        }
        return honeMemory.work() <= libtorchMemory.work();
    }
}
