package dev.hone.trainer.generate;

import dev.hone.datasets.UserError;

/**
 * What a generator may hold at once.
 *
 * @param maxBatch sequences decoded together
 * @param cacheTokens positions of the key-value cache, over all sequences; rounded up to whole blocks
 * @param prefillTokens prompt tokens a forward pass takes, at most; never fewer than {@code maxBatch}
 * @param blockSize positions of a cache block
 */
public record GeneratorOptions(int maxBatch, int cacheTokens, int prefillTokens, int blockSize) {

    public GeneratorOptions {
        require(maxBatch >= 1, "max_batch", maxBatch, "1 or more");
        require(blockSize >= 1, "block_size", blockSize, "1 or more");
        require(
                cacheTokens >= 2 * blockSize,
                "cache_tokens",
                cacheTokens,
                "two blocks (" + 2 * blockSize + ") or more");
        require(prefillTokens >= maxBatch, "prefill_tokens", prefillTokens, "max_batch (" + maxBatch + ") or more");
    }

    /** A cache that holds {@code maxBatch} sequences of {@code maxLength} tokens, prompt and completion. */
    public static GeneratorOptions of(int maxBatch, int maxLength) {
        int blockSize = 16;
        int blocks = (maxLength + blockSize - 1) / blockSize * maxBatch + 1;
        return new GeneratorOptions(
                maxBatch, Math.multiplyExact(blocks + 1, blockSize), Math.max(maxBatch, 2048), blockSize);
    }

    int blocks() {
        return (cacheTokens + blockSize - 1) / blockSize;
    }

    private static void require(boolean holds, String key, int value, String range) {
        if (!holds) {
            throw new UserError(key + " is " + value + " but must be " + range);
        }
    }
}
