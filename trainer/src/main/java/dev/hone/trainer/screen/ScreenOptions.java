package dev.hone.trainer.screen;

import org.jspecify.annotations.Nullable;

/**
 * How far a screened search goes.
 *
 * @param sample candidates attempted at random first
 * @param pairs kept ones wanted; null: as many as can be had
 * @param maxAttempts most attempts made, those of the sample included; null: no limit
 * @param attempts made at each candidate
 * @param seed of the sample and of the networks
 */
public record ScreenOptions(
        int sample, @Nullable Integer pairs, @Nullable Integer maxAttempts, int attempts, long seed) {

    /** How many of so many candidates may be attempted. */
    int affordable(int candidates) {
        return maxAttempts == null ? candidates : Math.min(candidates, maxAttempts / attempts);
    }

    boolean isEnough(int kept) {
        return pairs != null && kept >= pairs;
    }
}
