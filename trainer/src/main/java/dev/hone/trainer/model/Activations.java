package dev.hone.trainer.model;

import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import dev.hone.trainer.model.Family.BlockNorms;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The buffers of forward and backward passes over at most {@code maxTokens} tokens, planned once. A pass over fewer
 * tokens uses the front of each. Activations and their gradients are of the transformer's type; statistics, what comes of
 * a loss and the workspace are F32.
 */
final class Activations {

    /**
     * What one layer computes. Layers share the buffers unless the backward pass needs each layer's.
     *
     * @param hidden {@code [tokens, hidden]}: the residual stream before the layer
     * @param rstd {@code [tokens]}, like {@code middleRstd}
     * @param qkv {@code [tokens, (heads + 2 kvHeads) headDim]}; queries and keys rotated, unless they are normalised
     * @param normedHeads queries and keys normalised and rotated; null where they are not normalised
     * @param attended {@code [tokens, heads headDim]}
     * @param lse {@code [heads * tokens]}
     * @param attentionOutput null where it has no norm
     * @param middle {@code [tokens, hidden]}: the residual stream between attention and feed-forward
     * @param gateUp {@code [tokens, 2 intermediate]}
     * @param output of the feed-forward part; null where it has no norm
     */
    record Layer(
            Tensor hidden,
            Tensor rstd,
            Tensor qkv,
            @Nullable NormedHeads normedHeads,
            Tensor attended,
            Tensor lse,
            @Nullable NormedOutput attentionOutput,
            Tensor middle,
            Tensor middleRstd,
            Tensor gateUp,
            @Nullable NormedOutput output) {

        /** The front of each buffer, for {@code tokens} tokens. */
        Layer front(long tokens, int heads) {
            return new Layer(
                    hidden.rows(0, tokens),
                    rstd.rows(0, tokens),
                    qkv.rows(0, tokens),
                    normedHeads == null ? null : normedHeads.front(tokens),
                    attended.rows(0, tokens),
                    lse.rows(0, heads * tokens).reshape(heads, tokens),
                    attentionOutput == null ? null : attentionOutput.front(tokens),
                    middle.rows(0, tokens),
                    middleRstd.rows(0, tokens),
                    gateUp.rows(0, tokens),
                    output == null ? null : output.front(tokens));
        }

        /** These buffers, with the residual stream elsewhere. */
        Layer withHidden(Tensor elsewhere) {
            return new Layer(
                    elsewhere,
                    rstd,
                    qkv,
                    normedHeads,
                    attended,
                    lse,
                    attentionOutput,
                    middle,
                    middleRstd,
                    gateUp,
                    output);
        }
    }

    /**
     * Queries and keys after their norms.
     *
     * @param heads {@code [tokens, (heads + kvHeads) headDim]}, rotated
     * @param queryRstd {@code [tokens, norms]}, as many as the queries have; likewise {@code keyRstd}
     */
    record NormedHeads(Tensor heads, Tensor queryRstd, Tensor keyRstd) {
        private NormedHeads front(long tokens) {
            return new NormedHeads(heads.rows(0, tokens), queryRstd.rows(0, tokens), keyRstd.rows(0, tokens));
        }
    }

    /**
     * What a part of a layer gave before the norm of its output.
     *
     * @param update {@code [tokens, hidden]}
     * @param rstd {@code [tokens]}
     */
    record NormedOutput(Tensor update, Tensor rstd) {
        private NormedOutput front(long tokens) {
            return new NormedOutput(update.rows(0, tokens), rstd.rows(0, tokens));
        }
    }

    /**
     * The last norm, before the classifier.
     *
     * @param hidden {@code [tokens, hidden]}: the residual stream after the last layer
     * @param rstd {@code [tokens]}
     * @param normed {@code [tokens, hidden]}
     */
    record Last(Tensor hidden, Tensor rstd, Tensor normed) {}

    /**
     * Gradients in flight.
     *
     * @param hidden of the residual stream, {@code [tokens, hidden]}
     * @param qkv {@code [tokens, (heads + 2 kvHeads) headDim]}
     * @param normedHeads {@code [tokens, (heads + kvHeads) headDim]}; null where queries and keys have no norm
     * @param attended {@code [tokens, heads headDim]}
     */
    record Gradients(Tensor hidden, Tensor qkv, @Nullable Tensor normedHeads, Tensor attended) {}

    /** Elements of a weight of another type that exist as floats at a time, at least: 4 MiB of them. */
    private static final long WIDENED = 1L << 20;

    final List<Layer> layers = new ArrayList<>();
    final Last last;
    /** What a block adds to the residual stream, {@code [tokens, hidden]}. */
    final Tensor update;
    /**
     * What the norm before a part of a layer gives, {@code [tokens, hidden]}. No layer keeps its own: the backward pass has
     * its gradient here, and puts it in that one's place again.
     */
    final Tensor normed;
    /** What the gated unit gives, {@code [tokens, intermediate]}; likewise. */
    final Tensor gated;
    /** For the backward pass alone; in inference the empty fronts of forward buffers. */
    final Gradients gradients;

    /** For adapters, {@code [tokens, rank]}; null without. */
    final @Nullable Tensor lowRank;
    /** The gradients of {@link #lowRank} for each adapter of one matrix; of no rows in inference. */
    final List<Tensor> lowRankGradients = new ArrayList<>();

    /** For adapters with magnitudes, one module's output before them, {@code [tokens * out]}; null without. */
    final @Nullable Tensor unscaled;
    /** For adapters with magnitudes over weights of 4 bits or BF16, some rows of one of those as F32; null without. */
    final @Nullable Tensor widened;

    final Tensor ids;
    final Tensor positions;
    final Tensor offsets;
    final Tensor coefficients;

    final Tensor bonuses;
    final Tensor logprobs;
    final Tensor entropies;
    /** {@code [chunk, vocabulary]} */
    final Tensor workspace;

    private final ModelConfig config;
    private final DType dtype;
    private final Place place;

    /** Hands out a tensor of a type and shape; or only counts its bytes. */
    private interface Place {
        Tensor of(DType dtype, long... shape);
    }

    Activations(ModelConfig config, TransformerOptions options, Device device, Arena arena) {
        this(config, options, device, arena::allocate);
    }

    private Activations(ModelConfig config, TransformerOptions options, Device device, Place place) {
        this.config = config;
        this.dtype = options.dtype();
        this.place = place;
        long tokens = options.maxTokens();
        boolean kept = options.trainable() && !options.recompute();
        Layer shared = layer(tokens);
        for (int i = 0; i < config.layers(); i++) {
            if (i == 0 || !options.trainable()) {
                layers.add(shared);
            } else {
                layers.add(kept ? layer(tokens) : shared.withHidden(values(tokens, config.hiddenSize())));
            }
        }
        Tensor afterLast = options.trainable() ? values(tokens, config.hiddenSize()) : shared.hidden();
        this.last = new Last(afterLast, floats(tokens), values(tokens, config.hiddenSize()));
        this.update = values(tokens, config.hiddenSize());
        this.normed = values(tokens, config.hiddenSize());
        this.gated = values(tokens, config.intermediateSize());
        long backward = options.trainable() ? tokens : 0;
        this.gradients = new Gradients(
                values(backward, config.hiddenSize()),
                values(backward, config.qkvSize()),
                shared.normedHeads() == null ? null : values(backward, headColumns()),
                values(backward, config.querySize()));
        LoraConfig lora = options.lora();
        this.lowRank = lora == null ? null : values(tokens, lora.rank());
        for (long i = 0; lora != null && i < Adapters.mostOfMatrix(config, lora); i++) {
            lowRankGradients.add(values(backward, lora.rank()));
        }
        boolean dora = lora != null && lora.dora();
        this.unscaled = lora != null && dora ? values(backward * Adapters.mostRows(config, lora)) : null;
        this.widened = dora && (options.fourBit() || dtype != DType.F32) ? floats(widenedSize(config)) : null;
        this.ids = place.of(DType.I32, tokens);
        this.positions = place.of(DType.I32, tokens);
        this.offsets = place.of(DType.I32, tokens + 1);
        this.coefficients = floats(tokens);
        this.bonuses = floats(tokens);
        this.logprobs = floats(tokens);
        this.entropies = floats(tokens);
        long chunk = Math.min(tokens, device.logitRows(config.hiddenSize(), config.vocabularySize()));
        this.workspace = floats(chunk, config.vocabularySize());
    }

    /** Elements for whole rows of any module, and for many of them. */
    static long widenedSize(ModelConfig config) {
        return LinearModule.of(config).stream()
                .mapToLong(module -> Math.min(module.size(), Math.max(module.in(), WIDENED)))
                .max()
                .orElse(0);
    }

    /** Bytes of an arena that the buffers take. */
    static long bytes(ModelConfig config, TransformerOptions options, Device device) {
        long[] bytes = {0};
        new Activations(config, options, device, (dtype, shape) -> {
            bytes[0] += Arena.bytes(dtype, shape);
            return Tensor.at(device, dtype, 0, shape);
        });
        return bytes[0];
    }

    private Layer layer(long tokens) {
        return new Layer(
                values(tokens, config.hiddenSize()),
                floats(tokens),
                values(tokens, config.qkvSize()),
                normedHeads(tokens),
                values(tokens, config.querySize()),
                floats(config.heads() * tokens),
                normedOutput(tokens),
                values(tokens, config.hiddenSize()),
                floats(tokens),
                values(tokens, 2L * config.intermediateSize()),
                normedOutput(tokens));
    }

    private @Nullable NormedHeads normedHeads(long tokens) {
        return switch (config.family().queryKeyNorm()) {
            case NONE -> null;
            case EACH_HEAD ->
                new NormedHeads(
                        values(tokens, headColumns()),
                        floats(tokens, config.heads()),
                        floats(tokens, config.kvHeads()));
            case ALL_HEADS -> new NormedHeads(values(tokens, headColumns()), floats(tokens, 1), floats(tokens, 1));
        };
    }

    private long headColumns() {
        return config.querySize() + (long) config.keySize();
    }

    private @Nullable NormedOutput normedOutput(long tokens) {
        return config.family().blockNorms() == BlockNorms.INPUT
                ? null
                : new NormedOutput(values(tokens, config.hiddenSize()), floats(tokens));
    }

    private Tensor values(long... shape) {
        return place.of(dtype, shape);
    }

    private Tensor floats(long... shape) {
        return place.of(DType.F32, shape);
    }
}
