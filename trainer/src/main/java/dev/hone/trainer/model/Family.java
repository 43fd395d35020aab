package dev.hone.trainer.model;

import dev.hone.datasets.UserError;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * A family of architectures: what sets its layers apart from Llama's, beyond the numbers in config.json. The layers
 * themselves are written once, in {@link Transformer}.
 */
public enum Family {
    /** Llama 2 and 3, SmolLM, SmolLM2 and what else takes their form (Touvron et al. 2023). */
    LLAMA("LlamaForCausalLM", "llama"),
    MISTRAL("MistralForCausalLM", "mistral"),
    /** Llama with biases of queries, keys and values. Qwen2 and Qwen2.5. */
    QWEN2("Qwen2ForCausalLM", "qwen2"),
    QWEN3("Qwen3ForCausalLM", "qwen3"),
    /** Phi-3, Phi-3.5, Phi-4 and Phi-4-reasoning: Llama with fused matrices in its files. */
    PHI3("Phi3ForCausalLM", "phi3"),
    GEMMA2("Gemma2ForCausalLM", "gemma2"),
    GEMMA3("Gemma3ForCausalLM", "gemma3_text"),
    OLMO2("Olmo2ForCausalLM", "olmo2"),
    /** Llama with layers whose heads carry no position (Bakouch et al. 2025). */
    SMOLLM3("SmolLM3ForCausalLM", "smollm3");

    /** Which of its inputs and outputs a block of attention or feed-forward normalises. */
    enum BlockNorms {
        INPUT,
        OUTPUT,
        BOTH
    }

    /** How queries and keys are normalised before they are rotated. */
    enum QueryKeyNorm {
        NONE,
        EACH_HEAD,
        ALL_HEADS
    }

    private final String architecture;
    private final String modelType;

    Family(String architecture, String modelType) {
        this.architecture = architecture;
        this.modelType = modelType;
    }

    /** The family of config.json's {@code architectures}. */
    static Family of(String architecture) {
        return Arrays.stream(values())
                .filter(family -> family.architecture.equals(architecture))
                .findFirst()
                .orElseThrow(() -> new UserError("architectures is '" + architecture + "' but must be one of "
                        + Arrays.stream(values()).map(Family::architecture).collect(Collectors.joining(", "))
                        + "; choose a model of these"));
    }

    /** As config.json's {@code architectures} names it. */
    public String architecture() {
        return architecture;
    }

    String modelType() {
        return modelType;
    }

    BlockNorms blockNorms() {
        return isGemma() ? BlockNorms.BOTH : this == OLMO2 ? BlockNorms.OUTPUT : BlockNorms.INPUT;
    }

    QueryKeyNorm queryKeyNorm() {
        return switch (this) {
            case QWEN3, GEMMA3 -> QueryKeyNorm.EACH_HEAD;
            case OLMO2 -> QueryKeyNorm.ALL_HEADS;
            default -> QueryKeyNorm.NONE;
        };
    }

    /** What is added to the weights of norms: Gemma keeps their difference from one. */
    float normOffset() {
        return isGemma() ? 1 : 0;
    }

    /** Whether the gate's activation is gelu in its tanh form; else it is silu. */
    boolean gelu() {
        return isGemma();
    }

    /** Whether embeddings are multiplied by the square root of their width. */
    boolean scaledEmbeddings() {
        return isGemma();
    }

    /** Whether files hold queries, keys and values as one matrix, and gate and up as another. */
    boolean fusedNames() {
        return this == PHI3;
    }

    /** What {@code tie_word_embeddings} is where config.json does not say. */
    boolean tiedByDefault() {
        return isGemma() || this == SMOLLM3;
    }

    /** What {@code rope_theta} is where config.json does not say. */
    double usualRopeTheta() {
        return this == GEMMA3 ? 1_000_000 : this == SMOLLM3 ? 2_000_000 : 10_000;
    }

    /** What {@code head_dim} is where config.json does not say; empty: the hidden size over the heads. */
    OptionalInt usualHeadDim() {
        return isGemma() ? OptionalInt.of(256) : this == QWEN3 ? OptionalInt.of(128) : OptionalInt.empty();
    }

    /** What {@code rms_norm_eps} is where config.json does not say. */
    double usualRmsNormEps() {
        return this == PHI3 || this == OLMO2 ? 1e-5 : 1e-6;
    }

    boolean isGemma() {
        return this == GEMMA2 || this == GEMMA3;
    }
}
