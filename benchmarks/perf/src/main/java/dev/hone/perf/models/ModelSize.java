package dev.hone.perf.models;

import dev.hone.trainer.model.ModelConfig;

/** Llama's form, embeddings tied, in the sizes of the benchmark. The larger two have the shapes of llama2.c's models. */
public enum ModelSize {
    M1("1M", new ModelConfig(512, 128, 352, 5, 4, 4, 32, 512, 10_000, 1e-5, false, true)),
    M15("15M", new ModelConfig(32_000, 288, 768, 6, 6, 6, 48, 512, 10_000, 1e-5, false, true)),
    M110("110M", new ModelConfig(32_000, 768, 2048, 12, 12, 12, 64, 1024, 10_000, 1e-5, false, true));

    private final String label;

    @SuppressWarnings("ImmutableEnumChecker") // a record of numbers
    private final ModelConfig config;

    ModelSize(String label, ModelConfig config) {
        this.label = label;
        this.config = config;
    }

    public String label() {
        return label;
    }

    public ModelConfig config() {
        return config;
    }
}
