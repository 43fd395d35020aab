package dev.hone.trainer.model;

import dev.hone.datasets.UserError;
import dev.hone.kernels.DType;
import org.jspecify.annotations.Nullable;

/**
 * What a transformer's buffers are planned for.
 *
 * @param maxTokens tokens of a batch, at most
 * @param recompute keep only each layer's input and compute the rest again in the backward pass (Chen et al. 2016):
 *     about a sixth of the memory for a third more time, and the same bits
 * @param trainable false: no gradients and no kept activations
 * @param maxLength the longest sequence to come, in tokens, a cache's included. It decides between the short and the long
 *     factors of {@link RopeScaling.LongRope}, and how far {@link RopeScaling.Dynamic} stretches: once for the
 *     transformer, as vLLM does, so that training and generation rotate alike. Nothing else depends on it
 * @param lora adapters to train instead of the weights; null for none
 * @param fourBit keep the linear modules' weights in 4 bits ({@link dev.hone.kernels.Nf4}), which only adapters can then
 *     train (Dettmers et al. 2023)
 * @param dtype of weights and activations, F32 or BF16. With BF16 what is trained is kept in F32 too, and gradients,
 *     statistics, logits and losses are F32 (Micikevicius et al. 2018, section 3.1)
 */
public record TransformerOptions(
        int maxTokens,
        boolean recompute,
        boolean trainable,
        int maxLength,
        @Nullable LoraConfig lora,
        boolean fourBit,
        DType dtype) {
    public TransformerOptions {
        if (maxTokens < 1) {
            throw new UserError("max_tokens is " + maxTokens + " but must be 1 or more");
        }
        if (fourBit && lora == null) {
            throw new UserError("Weights of 4 bits stay as they are; give adapters to train (lora)");
        }
        if (dtype != DType.F32 && dtype != DType.BF16) {
            throw new IllegalArgumentException("A transformer computes in F32 or BF16, not in " + dtype);
        }
    }

    /** In F32, with no sequence longer than a batch. */
    public TransformerOptions(int maxTokens, boolean recompute, boolean trainable) {
        this(maxTokens, recompute, trainable, maxTokens, null, false, DType.F32);
    }

    /** The same with adapters; null for none. */
    public TransformerOptions withLora(@Nullable LoraConfig adapters) {
        return new TransformerOptions(maxTokens, recompute, trainable, maxLength, adapters, fourBit, dtype);
    }

    /** The same with adapters over weights of 4 bits. */
    public TransformerOptions withFourBit(LoraConfig adapters) {
        return new TransformerOptions(maxTokens, recompute, trainable, maxLength, adapters, true, dtype);
    }

    /** The same for sequences of at most {@code length} tokens. */
    public TransformerOptions withMaxLength(int length) {
        return new TransformerOptions(maxTokens, recompute, trainable, length, lora, fourBit, dtype);
    }

    /** The same with weights and activations of another type. */
    public TransformerOptions withDtype(DType other) {
        return new TransformerOptions(maxTokens, recompute, trainable, maxLength, lora, fourBit, other);
    }

    /** The same for inference alone. */
    public TransformerOptions still() {
        return new TransformerOptions(maxTokens, false, false, maxLength, lora, fourBit, dtype);
    }

    /** For inference on batches of at most {@code maxTokens} tokens. */
    public static TransformerOptions inference(int maxTokens) {
        return new TransformerOptions(maxTokens, false, false);
    }

    /** For training on batches of at most {@code maxTokens} tokens. */
    public static TransformerOptions training(int maxTokens) {
        return new TransformerOptions(maxTokens, false, true);
    }
}
