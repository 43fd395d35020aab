package dev.hone.datasets.curate;

/**
 * The pass rates worth training on, both ends included. Below it a pair is hopeless, above it mastered.
 *
 * @param low lowest pass rate kept; 0 keeps pairs never solved, which a worked response can still teach
 * @param high highest pass rate kept
 */
public record Band(double low, double high) {
    public Band {
        if (!(low >= 0 && low <= high && high <= 1)) {
            throw new IllegalArgumentException(
                    "Band is [%s, %s]: must be ordered and between 0 and 1".formatted(low, high));
        }
    }
}
