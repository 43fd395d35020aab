package dev.hone.perf.gpu;

import dev.hone.trainer.model.ModelConfig;

/** The shapes of Qwen2.5 as their config.json gives them; benchmarks fill them with random weights. */
enum QwenShape {
    SMALL("0.5B", 151_936, 896, 4864, 24, 14, 2, 64, true),
    MIDDLE("1.5B", 151_936, 1536, 8960, 28, 12, 2, 128, true),
    LARGE("3B", 151_936, 2048, 11_008, 36, 16, 2, 128, true),
    LARGEST("7B", 152_064, 3584, 18_944, 28, 28, 4, 128, false);

    private static final int POSITIONS = 32_768;
    private static final double ROPE_THETA = 1e6;

    private final String label;
    private final int vocabulary;
    private final int hidden;
    private final int intermediate;
    private final int layers;
    private final int heads;
    private final int kvHeads;
    private final int headDim;
    private final boolean tied;

    /** @param tied whether the classifier is the embedding */
    QwenShape(
            String label,
            int vocabulary,
            int hidden,
            int intermediate,
            int layers,
            int heads,
            int kvHeads,
            int headDim,
            boolean tied) {
        this.label = label;
        this.vocabulary = vocabulary;
        this.hidden = hidden;
        this.intermediate = intermediate;
        this.layers = layers;
        this.heads = heads;
        this.kvHeads = kvHeads;
        this.headDim = headDim;
        this.tied = tied;
    }

    String label() {
        return label;
    }

    /** @param shrink 1 for the shape itself; more for a trial run on a slower device */
    ModelConfig config(int shrink) {
        return shrink == 1
                ? new ModelConfig(
                        vocabulary,
                        hidden,
                        intermediate,
                        layers,
                        heads,
                        kvHeads,
                        headDim,
                        POSITIONS,
                        ROPE_THETA,
                        1e-6,
                        true,
                        tied)
                : new ModelConfig(512, 64, 128, 2, 4, kvHeads, 16, 1024, ROPE_THETA, 1e-6, true, true);
    }

    /** Weights that a token is multiplied by: matrices, and the embedding once, as the classifier. */
    static long multiplied(ModelConfig config) {
        long hidden = config.hiddenSize();
        long layer = hidden * (config.qkvSize() + config.querySize() + 3L * config.intermediateSize());
        return config.layers() * layer + config.vocabularySize() * hidden;
    }

    /**
     * Operations of a forward and backward pass: 6 for each weight and token, and for attention, of whose scores a causal
     * mask leaves half, 6 layers heads headDim length for each token of a sequence of that length (Chowdhery et al.
     * 2022, appendix B, halved). What is computed a second time to save memory does not count.
     */
    static double trainingOperations(ModelConfig config, int length) {
        return length * (6.0 * multiplied(config) + 6.0 * config.layers() * config.querySize() * length);
    }
}
