package dev.hone.datasets.curate;

import dev.hone.datasets.curate.Dropped.Reason;
import dev.hone.datasets.pairs.Pair;
import org.jspecify.annotations.Nullable;

/**
 * Which pairs are worth training on, and how much they count.
 *
 * @param band pass rates kept
 * @param weighted whether what is kept counts by 4p(1 - p), p its pass rate: most where the model solves every second
 *     attempt, not at all where it solves all or none; those are then dropped
 */
public record EdgeRule(Band band, boolean weighted) {

    /** Whether a pair of that pass rate is kept. */
    public boolean keeps(double passRate) {
        return drops(passRate) == null;
    }

    /** Why a pair of that pass rate is dropped; null where it is kept. */
    @Nullable
    Reason drops(double passRate) {
        if (passRate < band.low() || (weighted && passRate == 0)) {
            return Reason.HOPELESS;
        }
        return passRate > band.high() || (weighted && passRate == 1) ? Reason.MASTERED : null;
    }

    /** A pair that is kept, with its weight. */
    Pair weigh(Pair pair, double passRate) {
        return weighted ? pair.withMetadata(Pair.LOSS_WEIGHT, 4 * passRate * (1 - passRate)) : pair;
    }
}
