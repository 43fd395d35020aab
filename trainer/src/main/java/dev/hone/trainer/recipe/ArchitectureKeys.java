package dev.hone.trainer.recipe;

import org.jspecify.annotations.Nullable;

/** The shape of a model from scratch; the vocabulary is the tokenizer's. */
public record ArchitectureKeys(
        @Key(value = "Width of the residual stream.", min = 2)
        int hiddenSize,

        @Key(value = "Width of the feed-forward layers.", min = 1)
        int intermediateSize,

        @Key(value = "Layers.", min = 1) int numHiddenLayers,
        @Key(value = "Query heads.", min = 1) int numAttentionHeads,

        @Key(value = "Key-value heads; left out: as many as query heads.", min = 1) @Nullable
        Integer numKeyValueHeads,

        @Key(value = "Longest sequence the positions reach.", fallback = "2048", min = 1)
        int maxPositionEmbeddings,

        @Key(value = "Base of the rotary positions.", fallback = "10000.0", min = 1)
        double ropeTheta,

        @Key(value = "Added to the mean square in each norm.", fallback = "1.0e-5", min = 0)
        double rmsNormEps,

        @Key(value = "Whether queries, keys and values have a bias, as in Qwen2.", fallback = "false")
        boolean attentionBias,

        @Key(value = "Whether the classifier is the embedding.", fallback = "true")
        boolean tieWordEmbeddings) {}
