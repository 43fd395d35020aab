package dev.hone.trainer.model;

import dev.hone.kernels.Tensor;

/**
 * New tokens of sequences whose earlier positions are in a {@link KvCache}: whole prompts, one decoded token each, or any
 * mixture. All tensors are I32 on the model's device.
 *
 * @param ids {@code [tokens]}, like {@code positions} and {@code slots}
 * @param positions place of each token in its sequence
 * @param slots where in the cache each token's key and value go: block * blockSize + place
 * @param offsets {@code [sequences + 1]}: sequence s has tokens {@code [offsets[s], offsets[s + 1])}
 * @param lengths {@code [sequences]}: positions of each sequence in the cache, these tokens included
 * @param blockTable {@code [sequences, maxBlocks]}
 */
public record CachedBatch(
        Tensor ids, Tensor positions, Tensor slots, Tensor offsets, Tensor lengths, Tensor blockTable) {}
