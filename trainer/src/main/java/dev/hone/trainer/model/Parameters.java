package dev.hone.trainer.model;

import static java.util.Objects.requireNonNull;

import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import dev.hone.trainer.model.Family.BlockNorms;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A model's weights in one flat range of memory, and their gradients in a second one of the same layout, so that an
 * optimizer step, a gradient norm or a copy is one call. Matrices come first, then what has no weight decay (norms and
 * biases). Queries, keys and values are one matrix, as are gate and up; Hugging Face's names view their parts. With
 * adapters these weights stay as they are, and what is trained is the adapters' range. The matrices of the layers may be
 * kept in 4 bits instead; those here then have no rows.
 *
 * <p>Where passes compute in BF16, what is trained is F32 (Micikevicius et al. 2018, section 3.1): a model's own weights as
 * the bfloat16 that passes compute with and a rest in a third range, adapters, which are few, with a rounded copy beside
 * them. What is read, written and named here is the F32; see {@link Weight}.
 */
public final class Parameters {

    /** Each matrix starts on a multiple of this many elements, so that its rows are aligned. */
    private static final long ALIGNMENT = 64;

    /**
     * One layer's weights, or their gradients.
     *
     * @param inputNorm of attention's input, {@code [hidden]}; this and all other norms null where there is none
     * @param qkv {@code [(heads + 2 kvHeads) headDim, hidden]}: queries, keys, values
     * @param qkvBias {@code [(heads + 2 kvHeads) headDim]} or null
     * @param queryNorm {@code [headDim]}, or of all heads at once {@code [heads headDim]}
     * @param keyNorm {@code [headDim]}, or of all heads at once {@code [kvHeads headDim]}
     * @param output {@code [hidden, heads headDim]}
     * @param attentionNorm of attention's output, {@code [hidden]}
     * @param feedForwardNorm of the feed-forward part's input, {@code [hidden]}
     * @param outputNorm of the feed-forward part's output, {@code [hidden]}
     * @param gateUp {@code [2 intermediate, hidden]}: gate, then up
     * @param down {@code [hidden, intermediate]}
     */
    record Layer(
            @Nullable Tensor inputNorm,
            Tensor qkv,
            @Nullable Tensor qkvBias,
            @Nullable Tensor queryNorm,
            @Nullable Tensor keyNorm,
            Tensor output,
            @Nullable Tensor attentionNorm,
            @Nullable Tensor feedForwardNorm,
            @Nullable Tensor outputNorm,
            Tensor gateUp,
            Tensor down) {}

    /**
     * All weights, or all gradients.
     *
     * @param embedding {@code [vocabulary, hidden]}
     * @param classifier {@code [vocabulary, hidden]}; the embedding where the two are tied
     * @param norm {@code [hidden]}
     * @param named every tensor under its Hugging Face name
     */
    record Views(Tensor embedding, List<Layer> layers, Tensor norm, Tensor classifier, Map<String, Tensor> named) {}

    private final ModelConfig config;
    private final Weight weights;
    private final @Nullable Tensor gradients;
    private final @Nullable Adapters adapters;
    private final @Nullable FourBitWeights fourBit;
    private long changes;
    private final long decayed;
    private final Views weightViews;
    private final @Nullable Views restViews;
    private final Map<String, Weight> named = new LinkedHashMap<>();
    private final @Nullable Views gradientViews;

    Parameters(ModelConfig config, TransformerOptions options, Arena arena, Device device) {
        this.config = config;
        Layout measure = measure(config, device, Kept.weights(options));
        this.decayed = measure.decayed;
        Tensor computed = arena.allocate(options.dtype(), measure.used);
        Tensor rest = isSplit(options) ? arena.allocate(DType.I16, measure.used) : null;
        this.weights = new Weight(
                computed, rest, rest == null ? null : arena.allocate(DType.F32, Weight.stagedSize(measure.used)));
        this.gradients = options.trainable()
                ? arena.allocate(DType.F32, measure(config, device, Kept.gradients(options)).used)
                : null;
        this.weightViews = new Layout(config, computed, Kept.weights(options)).views();
        this.restViews = rest == null ? null : new Layout(config, rest, Kept.weights(options)).views();
        for (String name : weightViews.named().keySet()) {
            named.put(name, weight(views -> requireNonNull(views.named().get(name))));
        }
        this.gradientViews = gradients == null ? null : new Layout(config, gradients, Kept.gradients(options)).views();
        this.fourBit = options.fourBit() ? new FourBitWeights(config, device, arena) : null;
        this.adapters = options.lora() == null
                ? null
                : new Adapters(config, options.lora(), options.dtype(), device, arena, options.trainable());
    }

    /** Whether the weights are trained, in F32, and computed with in BF16. */
    private static boolean isSplit(TransformerOptions options) {
        return options.dtype() != DType.F32 && options.trainable() && options.lora() == null;
    }

    /** Bytes of an arena that the weights take, adapters and copies included. */
    static long weightBytes(ModelConfig config, TransformerOptions options, Device device) {
        LoraConfig lora = options.lora();
        long size = measure(config, device, Kept.weights(options)).used;
        return Arena.bytes(options.dtype(), size)
                + (isSplit(options)
                        ? Arena.bytes(DType.I16, size) + Arena.bytes(DType.F32, Weight.stagedSize(size))
                        : 0)
                + (options.fourBit() ? FourBitWeights.bytes(config) : 0)
                + (lora == null ? 0 : Adapters.bytes(config, lora, options.dtype()));
    }

    /** Bytes of an arena that the gradients take, where something is trained. */
    static long gradientBytes(ModelConfig config, TransformerOptions options, Device device) {
        if (!options.trainable()) {
            return 0;
        }
        LoraConfig lora = options.lora();
        return Arena.bytes(DType.F32, measure(config, device, Kept.gradients(options)).used)
                + (lora == null ? 0 : Adapters.weightBytes(config, lora));
    }

    /** How many weights are trained. */
    static long trainedSize(ModelConfig config, TransformerOptions options, Device device) {
        LoraConfig lora = options.lora();
        return lora == null ? measure(config, device, Kept.ALL).used : Adapters.size(config, lora);
    }

    /** How many of those have weight decay. */
    static long trainedDecayedSize(ModelConfig config, TransformerOptions options, Device device) {
        LoraConfig lora = options.lora();
        return lora == null ? measure(config, device, Kept.ALL).decayed : Adapters.size(config, lora);
    }

    /** Which matrices have rows. */
    private enum Kept {
        ALL,
        /** The embedding and the classifier: those of the layers are kept in 4 bits. */
        TABLES,
        /** None: all are frozen. */
        NONE;

        static Kept weights(TransformerOptions options) {
            return options.fourBit() ? TABLES : ALL;
        }

        static Kept gradients(TransformerOptions options) {
            return options.lora() == null ? ALL : NONE;
        }
    }

    /** To be called where weights were changed: what was computed from them, copies too, is then computed anew. */
    public void changed() {
        if (adapters != null) {
            adapters.changed();
        }
        changes++;
    }

    /** How often the weights were changed. */
    public long changes() {
        return changes;
    }

    /** The weights of the linear modules, where those are kept in 4 bits. */
    @Nullable
    FourBitWeights fourBit() {
        return fourBit;
    }

    /** All weights, {@code [n]}: F32 where they are trained, else of the type that passes compute in. */
    public Weight weights() {
        return weights;
    }

    /** The weights being trained, F32 {@code [n]}: all, or those of the adapters. */
    public Weight trained() {
        return adapters == null ? weights : new Weight(adapters.weights(), null, null);
    }

    /** Where in {@link #trained} the weights without decay begin. */
    public long trainedDecayedSize() {
        return adapters == null ? decayed : adapters.weights().size();
    }

    /** The gradients, laid out like {@link #trained}. */
    public Tensor gradients() {
        Tensor trained = adapters == null ? gradients : adapters.gradients();
        if (trained == null) {
            throw new IllegalStateException("This model was made for inference; it has no gradients");
        }
        return trained;
    }

    /**
     * Each of {@link #weights} under its Hugging Face name, in Hugging Face's order; those in 4 bits are left out. Who writes
     * to them calls {@link #changed}.
     */
    public Map<String, Weight> named() {
        return named;
    }

    /** A part of {@link #weights}. */
    Weight weight(Function<Views, Tensor> part) {
        return new Weight(part.apply(weightViews), restViews == null ? null : part.apply(restViews), weights.staging());
    }

    /** The gradient of each weight being trained, under its Hugging Face name, or PEFT's. */
    public Map<String, Tensor> namedGradients() {
        return adapters == null ? gradientViews().named() : adapters.namedGradients();
    }

    /** Number of weights. */
    public long count() {
        return named().values().stream().mapToLong(Weight::size).sum() + (fourBit == null ? 0 : fourBit.count());
    }

    @Nullable
    Adapters adapters() {
        return adapters;
    }

    /** What passes compute with. */
    Views weightViews() {
        return weightViews;
    }

    Views gradientViews() {
        if (gradientViews == null) {
            throw new IllegalStateException("This model was made for inference; it has no gradients");
        }
        return gradientViews;
    }

    /**
     * Draws matrices from a normal distribution of standard deviation 0.02, those that write to the residual stream
     * narrower by the square root of their number (Radford et al. 2019, section 2.3); norms multiply by 1, biases are 0.
     */
    void initialize(long seed) {
        double residual = 0.02 / Math.sqrt(2.0 * config.layers());
        SplittableRandom seeds = new SplittableRandom(seed);
        for (Map.Entry<String, Weight> entry : named().entrySet()) {
            String name = entry.getKey();
            Weight weight = entry.getValue();
            SplittableRandom random = seeds.split();
            float[] values = new float[Math.toIntExact(weight.size())];
            double deviation = name.endsWith("o_proj.weight") || name.endsWith("down_proj.weight") ? residual : 0.02;
            for (int i = 0; i < values.length; i++) {
                values[i] = name.endsWith("norm.weight")
                        ? 1 - config.family().normOffset()
                        : name.endsWith(".bias") ? 0 : (float) (deviation * random.nextGaussian());
            }
            weight.write(values);
        }
        changed();
    }

    private static Layout measure(ModelConfig config, Device device, Kept kept) {
        Layout layout = new Layout(config, Tensor.at(device, DType.F32, 0, 0), kept);
        layout.views();
        return layout;
    }

    /**
     * Places each tensor in a flat range, one after another. Placing on an empty range measures. Matrices that are not
     * kept have no rows. The gradients of a frozen model's norms and biases are written and never read.
     */
    private static final class Layout {
        private final ModelConfig config;
        private final Tensor flat;
        private final Kept kept;
        private long used;
        private long decayed;

        Layout(ModelConfig config, Tensor flat, Kept kept) {
            this.config = config;
            this.flat = flat;
            this.kept = kept;
        }

        private Tensor table(long rows, long columns) {
            return next(kept == Kept.NONE ? 0 : rows, columns);
        }

        private Tensor matrix(long rows, long columns) {
            return next(kept == Kept.ALL ? rows : 0, columns);
        }

        Views views() {
            int hidden = config.hiddenSize();
            Tensor embedding = table(config.vocabularySize(), hidden);
            List<Tensor[]> matrices = new ArrayList<>();
            for (int i = 0; i < config.layers(); i++) {
                matrices.add(new Tensor[] {
                    matrix(config.qkvSize(), hidden),
                    matrix(hidden, config.querySize()),
                    matrix(2L * config.intermediateSize(), hidden),
                    matrix(hidden, config.intermediateSize())
                });
            }
            Tensor classifier = config.tieWordEmbeddings() ? embedding : table(config.vocabularySize(), hidden);
            decayed = used;
            List<Layer> layers = new ArrayList<>();
            boolean inputs = config.family().blockNorms() != BlockNorms.OUTPUT;
            boolean outputs = config.family().blockNorms() != BlockNorms.INPUT;
            for (Tensor[] m : matrices) {
                layers.add(new Layer(
                        inputs ? next(hidden) : null,
                        m[0],
                        config.attentionBias() ? next(config.qkvSize()) : null,
                        headNorm(config.querySize()),
                        headNorm(config.keySize()),
                        m[1],
                        outputs ? next(hidden) : null,
                        inputs ? next(hidden) : null,
                        outputs ? next(hidden) : null,
                        m[2],
                        m[3]));
            }
            Tensor norm = next(hidden);
            Map<String, Tensor> named = kept == Kept.NONE ? Map.of() : named(embedding, layers, norm, classifier);
            return new Views(embedding, layers, norm, classifier, named);
        }

        private @Nullable Tensor headNorm(int allHeads) {
            return switch (config.family().queryKeyNorm()) {
                case NONE -> null;
                case EACH_HEAD -> next(config.headDim());
                case ALL_HEADS -> next(allHeads);
            };
        }

        private Tensor next(long... shape) {
            Tensor tensor = Tensor.at(
                    flat.device(),
                    flat.dtype(),
                    flat.address() + used * flat.dtype().bytes(),
                    shape);
            used += (tensor.size() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
            return tensor;
        }

        private Map<String, Tensor> named(Tensor embedding, List<Layer> layers, Tensor norm, Tensor classifier) {
            Map<String, Tensor> named = new LinkedHashMap<>();
            named.put("model.embed_tokens.weight", embedding);
            for (int i = 0; i < layers.size(); i++) {
                name(named, "model.layers." + i + ".", layers.get(i));
            }
            named.put("model.norm.weight", norm);
            if (!config.tieWordEmbeddings()) {
                named.put("lm_head.weight", classifier);
            }
            return named;
        }

        private void name(Map<String, Tensor> named, String prefix, Layer layer) {
            put(named, prefix + "input_layernorm.weight", layer.inputNorm());
            put(named, prefix + "self_attn.q_norm.weight", layer.queryNorm());
            put(named, prefix + "self_attn.k_norm.weight", layer.keyNorm());
            if (layer.qkvBias() != null) {
                split(named, prefix + "self_attn.%s_proj.bias", layer.qkvBias());
            }
            if (kept == Kept.ALL) {
                nameMatrices(named, prefix, layer);
            }
            // Where a block's output has no norm, the second norm of a layer bears the name of the first's output.
            boolean outputs = layer.attentionNorm() != null;
            put(named, prefix + "post_attention_layernorm.weight", layer.attentionNorm());
            put(
                    named,
                    prefix + (outputs ? "pre_feedforward_layernorm.weight" : "post_attention_layernorm.weight"),
                    layer.feedForwardNorm());
            put(named, prefix + "post_feedforward_layernorm.weight", layer.outputNorm());
        }

        private void nameMatrices(Map<String, Tensor> named, String prefix, Layer layer) {
            long intermediate = config.intermediateSize();
            if (config.family().fusedNames()) {
                named.put(prefix + "self_attn.qkv_proj.weight", layer.qkv());
                named.put(prefix + "mlp.gate_up_proj.weight", layer.gateUp());
            } else {
                split(named, prefix + "self_attn.%s_proj.weight", layer.qkv());
                named.put(prefix + "mlp.gate_proj.weight", layer.gateUp().rows(0, intermediate));
                named.put(prefix + "mlp.up_proj.weight", layer.gateUp().rows(intermediate, 2 * intermediate));
            }
            named.put(prefix + "self_attn.o_proj.weight", layer.output());
            named.put(prefix + "mlp.down_proj.weight", layer.down());
        }

        private static void put(Map<String, Tensor> named, String name, @Nullable Tensor tensor) {
            if (tensor != null) {
                named.put(name, tensor);
            }
        }

        private void split(Map<String, Tensor> named, String pattern, Tensor qkv) {
            long query = config.querySize();
            long key = config.keySize();
            named.put(pattern.formatted("q"), qkv.rows(0, query));
            named.put(pattern.formatted("k"), qkv.rows(query, query + key));
            named.put(pattern.formatted("v"), qkv.rows(query + key, query + 2 * key));
        }
    }

    /** The gradient of a matrix, or null where that is frozen. */
    static @Nullable Tensor ofTrained(Tensor gradient) {
        return gradient.size() == 0 ? null : gradient;
    }
}
