package dev.hone.trainer.model;

import dev.hone.checkpoints.Safetensors;
import dev.hone.checkpoints.SafetensorsWriter;
import dev.hone.datasets.UserError;
import dev.hone.kernels.Arena;
import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import dev.hone.trainer.model.Activations.Gradients;
import dev.hone.trainer.model.Activations.Layer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A decoder-only transformer of the Llama form (Touvron et al. 2023): pre-norm layers of grouped-query attention with
 * rotary positions and SwiGLU feed-forward. Forward and backward are written out; all buffers are planned when it is
 * made, and a pass allocates nothing on the device.
 */
public final class Transformer implements AutoCloseable {

    private final Device device;
    private final ModelConfig config;
    private final TransformerOptions options;
    private final Arena arena;
    private final Parameters parameters;
    private final Rope rope;
    private final Activations activations;
    private final float scale;

    private Transformer(Device device, ModelConfig config, TransformerOptions options) {
        this.device = device;
        this.config = config;
        this.options = options;
        this.arena = device.arena(Parameters.bytes(config, device, options.trainable())
                + Rope.bytes(config)
                + Activations.bytes(config, options, device));
        this.parameters = new Parameters(config, arena, device, options.trainable());
        this.rope = Rope.create(config, device, arena);
        this.activations = new Activations(config, options, arena);
        this.scale = (float) (1 / Math.sqrt(config.headDim()));
    }

    /** A transformer whose weights are zero until {@link #initialize}. */
    public static Transformer create(Device device, ModelConfig config, TransformerOptions options) {
        return new Transformer(device, config, options);
    }

    /**
     * Reads a Hugging Face folder: config.json and model.safetensors, or its shards.
     *
     * @throws UserError where config.json is missing or asks for what is not built
     * @throws dev.hone.checkpoints.CheckpointException where the weights are damaged or do not fit it
     */
    public static Transformer load(Device device, Path folder, TransformerOptions options) {
        Transformer transformer = new Transformer(device, ModelConfig.read(folder), options);
        try {
            transformer.readWeights(folder);
            return transformer;
        } catch (RuntimeException e) {
            transformer.close();
            throw e;
        }
    }

    /** Reads the weights of a folder of the same shape into this transformer. */
    public void readWeights(Path folder) {
        Safetensors file = Safetensors.openFolder(folder);
        parameters.named().forEach(file::read);
    }

    /** Writes config.json and model.safetensors into a folder. */
    public void save(Path folder) {
        try {
            Files.createDirectories(folder);
            config.write(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        SafetensorsWriter.write(folder.resolve("model.safetensors"), parameters.named(), Map.of("format", "pt"));
    }

    /** Draws random weights from a seed. */
    public void initialize(long seed) {
        parameters.initialize(seed);
    }

    /** Takes over another transformer's weights; both of one shape, on one device. */
    public void copyWeights(Transformer from) {
        device.copy(from.parameters.weights(), parameters.weights());
    }

    public Parameters parameters() {
        return parameters;
    }

    public ModelConfig config() {
        return config;
    }

    public Device device() {
        return device;
    }

    /** Tokens of a batch, at most. */
    public int maxTokens() {
        return options.maxTokens();
    }

    /**
     * Adds the gradients of {@code loss = -sum(coefficients * logprobs)} to {@link Parameters#gradients}. Cross-entropy is
     * a coefficient of 1 / (loss tokens) everywhere; policy gradients have one a token.
     *
     * @param coefficients {@code [tokens]}; those without a target do not count
     * @param temperature what logits are divided by
     * @param logprobs {@code [tokens]}, out: of each target; 0 where there is none
     * @return the loss
     */
    public double forwardBackward(Batch batch, float[] coefficients, float temperature, float[] logprobs) {
        forward(batch);
        int tokens = batch.size();
        Gradients gradients = activations.gradients;
        Tensor deviceLogprobs = activations.logprobs.rows(0, tokens);
        Tensor deviceCoefficients = activations.coefficients.rows(0, tokens);
        Tensor dNormed = gradients.normed().rows(0, tokens);
        device.write(coefficients, deviceCoefficients);
        device.write(batch.targets(), activations.targets.rows(0, tokens));
        device.linearCrossEntropy(
                activations.last.normed().rows(0, tokens),
                parameters.weightViews().classifier(),
                activations.targets.rows(0, tokens),
                deviceCoefficients,
                1 / temperature,
                activations.workspace,
                deviceLogprobs,
                null,
                dNormed,
                parameters.gradientViews().classifier());
        backward(tokens, batch.sequences(), dNormed);
        device.read(deviceLogprobs, logprobs);
        double loss = 0;
        for (int t = 0; t < tokens; t++) {
            if (batch.targets()[t] >= 0) {
                loss -= (double) coefficients[t] * logprobs[t];
            }
        }
        return loss;
    }

    /**
     * Log-probabilities of the targets.
     *
     * @param temperature what logits are divided by
     * @param logprobs {@code [tokens]}, out; 0 where there is no target
     * @param entropies {@code [tokens]}, out, of each predicted distribution in nats; or null
     */
    public void logprobs(Batch batch, float temperature, float[] logprobs, float @Nullable [] entropies) {
        forward(batch);
        int tokens = batch.size();
        device.write(batch.targets(), activations.targets.rows(0, tokens));
        device.linearLogprobs(
                activations.last.normed().rows(0, tokens),
                parameters.weightViews().classifier(),
                activations.targets.rows(0, tokens),
                1 / temperature,
                activations.workspace,
                activations.logprobs.rows(0, tokens),
                entropies == null ? null : activations.entropies.rows(0, tokens));
        device.read(activations.logprobs.rows(0, tokens), logprobs);
        if (entropies != null) {
            device.read(activations.entropies.rows(0, tokens), entropies);
        }
    }

    /** What the classifier sees, {@code [tokens, hidden]}; valid until the next pass. */
    public Tensor hidden(Batch batch) {
        forward(batch);
        return activations.last.normed().rows(0, batch.size());
    }

    /** The classifier's logits of every token, {@code [tokens, vocabulary]}, into a tensor of the caller's. */
    public void logits(Batch batch, Tensor logits) {
        device.matmul(hidden(batch), false, parameters.weightViews().classifier(), true, null, logits, false);
    }

    /**
     * Computes new tokens of cached sequences: puts their keys and values into the cache and gives the logits after some
     * of them. A token's logits have the same bits as in a training pass.
     *
     * @param rows I32 {@code [rows]}: the tokens whose logits are wanted
     * @param logits {@code [rows, vocabulary]}, out
     */
    public void forwardCached(CachedBatch batch, KvCache cache, Tensor rows, Tensor logits) {
        int tokens = requireFit(Math.toIntExact(batch.ids().size()));
        forward(tokens, batch.ids(), batch.positions(), (layer, q, k, v, out) -> {
            KvCache.Layer cached = cache.layer(layer);
            device.cacheWrite(k, v, batch.slots(), cached.keys(), cached.values());
            device.attentionPaged(
                    q,
                    cached.keys(),
                    cached.values(),
                    batch.blockTable(),
                    batch.lengths(),
                    batch.offsets(),
                    scale,
                    heads(out.attended()));
        });
        Tensor wanted = activations.update.rows(0, rows.size());
        device.embeddingForward(rows, activations.last.normed().rows(0, tokens), wanted);
        device.matmul(wanted, false, parameters.weightViews().classifier(), true, null, logits, false);
    }

    @Override
    public void close() {
        arena.close();
    }

    // ---- forward ---------------------------------------------------------------------------------------------------

    /** Attention of one layer: q {@code [tokens, heads, headDim]}, k and v {@code [tokens, kvHeads, headDim]}, rotated. */
    private interface Attention {
        void forward(int layer, Tensor q, Tensor k, Tensor v, Layer out);
    }

    private void forward(Batch batch) {
        int tokens = requireFit(batch.size());
        requireKnown(batch);
        device.write(batch.tokens(), activations.ids.rows(0, tokens));
        device.write(batch.positions(), activations.positions.rows(0, tokens));
        Tensor offsets = activations.offsets.rows(0, batch.offsets().length);
        device.write(batch.offsets(), offsets);
        forward(
                tokens,
                activations.ids.rows(0, tokens),
                activations.positions.rows(0, tokens),
                (layer, q, k, v, out) -> attend(q, k, v, offsets, out));
    }

    private void attend(Tensor q, Tensor k, Tensor v, Tensor offsets, Layer out) {
        device.attentionForward(q, k, v, offsets, scale, heads(out.attended()), out.lse());
    }

    private void forward(int tokens, Tensor ids, Tensor positions, Attention attention) {
        Parameters.Views weights = parameters.weightViews();
        Tensor update = activations.update.rows(0, tokens);
        Layer current = activations.layers.get(0).front(tokens, config.heads());
        device.embeddingForward(ids, weights.embedding(), current.hidden());
        device.rmsnormForward(
                current.hidden(),
                null,
                weights.layers().get(0).inputNorm(),
                (float) config.rmsNormEps(),
                null,
                current.normed(),
                current.rstd());
        for (int i = 0; i < config.layers(); i++) {
            layerForward(i, current, positions, attention, update);
            boolean isLast = i + 1 == config.layers();
            Layer next = isLast ? current : activations.layers.get(i + 1).front(tokens, config.heads());
            device.rmsnormForward(
                    update,
                    current.middle(),
                    isLast ? weights.norm() : weights.layers().get(i + 1).inputNorm(),
                    (float) config.rmsNormEps(),
                    isLast ? activations.last.hidden().rows(0, tokens) : next.hidden(),
                    isLast ? activations.last.normed().rows(0, tokens) : next.normed(),
                    isLast ? activations.last.rstd().rows(0, tokens) : next.rstd());
            current = next;
        }
    }

    /** From the layer's normed input to what its feed-forward part adds to {@code middle}. */
    private void layerForward(int i, Layer layer, Tensor positions, Attention attention, Tensor update) {
        Parameters.Layer weights = parameters.weightViews().layers().get(i);
        device.matmul(layer.normed(), false, weights.qkv(), true, weights.qkvBias(), layer.qkv(), false);
        device.rope(rotated(layer.qkv()), positions, rope.cos(), rope.sin(), false);
        attention.forward(i, queries(layer.qkv()), keys(layer.qkv()), values(layer.qkv()), layer);
        device.matmul(layer.attended(), false, weights.output(), true, null, update, false);
        device.rmsnormForward(
                update,
                layer.hidden(),
                weights.postAttentionNorm(),
                (float) config.rmsNormEps(),
                layer.middle(),
                layer.middleNormed(),
                layer.middleRstd());
        device.matmul(layer.middleNormed(), false, weights.gateUp(), true, null, layer.gateUp(), false);
        device.swigluForward(layer.gateUp(), layer.swiglu());
        device.matmul(layer.swiglu(), false, weights.down(), true, null, update, false);
    }

    /** Everything a layer kept, again from its input; bit for bit, as a norm of the sum is the norm of x + residual. */
    private void recompute(int i, Layer layer, Tensor positions, Tensor offsets) {
        device.rmsnormForward(
                layer.hidden(),
                null,
                parameters.weightViews().layers().get(i).inputNorm(),
                (float) config.rmsNormEps(),
                null,
                layer.normed(),
                layer.rstd());
        layerForward(
                i,
                layer,
                positions,
                (ignored, q, k, v, out) -> attend(q, k, v, offsets, out),
                activations.update.rows(0, layer.hidden().dim(0)));
    }

    // ---- backward --------------------------------------------------------------------------------------------------

    private void backward(int tokens, int sequences, Tensor dNormed) {
        Parameters.Views weights = parameters.weightViews();
        Parameters.Views gradients = parameters.gradientViews();
        Tensor dHidden = activations.gradients.hidden().rows(0, tokens);
        Tensor positions = activations.positions.rows(0, tokens);
        Tensor offsets = activations.offsets.rows(0, sequences + 1);
        device.rmsnormBackward(
                activations.last.hidden().rows(0, tokens),
                weights.norm(),
                activations.last.rstd().rows(0, tokens),
                dNormed,
                null,
                dHidden,
                gradients.norm());
        for (int i = config.layers() - 1; i >= 0; i--) {
            Layer layer = activations.layers.get(i).front(tokens, config.heads());
            if (options.recompute()) {
                recompute(i, layer, positions, offsets);
            }
            layerBackward(
                    weights.layers().get(i), gradients.layers().get(i), layer, positions, offsets, dHidden, dNormed);
        }
        device.embeddingBackward(activations.ids.rows(0, tokens), dHidden, gradients.embedding());
    }

    /** Turns the gradient of the residual stream after the layer, in {@code dHidden}, into that before it. */
    private void layerBackward(
            Parameters.Layer weights,
            Parameters.Layer gradients,
            Layer layer,
            Tensor positions,
            Tensor offsets,
            Tensor dHidden,
            Tensor dNormed) {
        long tokens = dHidden.dim(0);
        Tensor dSwiglu = activations.gradients.swiglu().rows(0, tokens);
        Tensor dAttended = activations.gradients.attended().rows(0, tokens);
        Tensor dQkv = activations.gradients.qkv().rows(0, tokens);
        Tensor dGateUp = layer.gateUp();

        linearBackward(layer.swiglu(), weights.down(), dHidden, dSwiglu, gradients.down());
        device.swigluBackward(layer.gateUp(), dSwiglu, dGateUp);
        linearBackward(layer.middleNormed(), weights.gateUp(), dGateUp, dNormed, gradients.gateUp());
        device.rmsnormBackward(
                layer.middle(),
                weights.postAttentionNorm(),
                layer.middleRstd(),
                dNormed,
                dHidden,
                dHidden,
                gradients.postAttentionNorm());

        linearBackward(layer.attended(), weights.output(), dHidden, dAttended, gradients.output());
        device.attentionBackward(
                queries(layer.qkv()),
                keys(layer.qkv()),
                values(layer.qkv()),
                offsets,
                scale,
                heads(layer.attended()),
                layer.lse(),
                heads(dAttended),
                queries(dQkv),
                keys(dQkv),
                values(dQkv));
        device.rope(rotated(dQkv), positions, rope.cos(), rope.sin(), true);
        if (gradients.qkvBias() != null) {
            device.sumRows(dQkv, gradients.qkvBias(), true);
        }
        linearBackward(layer.normed(), weights.qkv(), dQkv, dNormed, gradients.qkv());
        device.rmsnormBackward(
                layer.hidden(), weights.inputNorm(), layer.rstd(), dNormed, dHidden, dHidden, gradients.inputNorm());
    }

    /** {@code dX = dY W} and {@code dW += dY^T X}, for {@code Y = X W^T}. */
    private void linearBackward(Tensor x, Tensor weight, Tensor dY, Tensor dX, Tensor dWeight) {
        device.matmul(dY, true, x, false, null, dWeight, true);
        device.matmul(dY, false, weight, false, null, dX, false);
    }

    // ---- views -----------------------------------------------------------------------------------------------------

    private Tensor heads(Tensor columns) {
        return columns.reshape(columns.dim(0), config.heads(), config.headDim());
    }

    private Tensor queries(Tensor qkv) {
        return heads(qkv.columns(0, config.querySize()));
    }

    private Tensor keys(Tensor qkv) {
        return kvHeads(qkv, config.querySize());
    }

    /** Queries and keys, which lie side by side: {@code [tokens, heads + kvHeads, headDim]}. */
    private Tensor rotated(Tensor qkv) {
        int heads = config.heads() + config.kvHeads();
        return qkv.columns(0, (long) heads * config.headDim()).reshape(qkv.dim(0), heads, config.headDim());
    }

    private Tensor values(Tensor qkv) {
        return kvHeads(qkv, config.querySize() + (long) config.kvHeads() * config.headDim());
    }

    private Tensor kvHeads(Tensor qkv, long from) {
        long size = (long) config.kvHeads() * config.headDim();
        return qkv.columns(from, from + size).reshape(qkv.dim(0), config.kvHeads(), config.headDim());
    }

    /** Beyond the tables of embeddings and positions a kernel would read foreign memory. */
    private void requireKnown(Batch batch) {
        for (int s = 0; s < batch.sequences(); s++) {
            int length = batch.offsets()[s + 1] - batch.offsets()[s];
            if (length > config.maxPositions()) {
                throw new UserError("Sequence %s has %d tokens but the model has %d positions; shorten it"
                        .formatted(batch.ids().get(s), length, config.maxPositions()));
            }
            for (int t = batch.offsets()[s]; t < batch.offsets()[s + 1]; t++) {
                int token = Math.max(batch.tokens()[t], batch.targets()[t]);
                if (token >= config.vocabularySize() || batch.tokens()[t] < 0) {
                    throw new UserError(
                            "Sequence %s has token %d but the model's vocabulary has %d; use the model's own tokenizer"
                                    .formatted(batch.ids().get(s), token, config.vocabularySize()));
                }
            }
        }
    }

    private int requireFit(int tokens) {
        if (tokens < 1 || tokens > options.maxTokens()) {
            throw new IllegalArgumentException(
                    "A batch of " + tokens + " tokens; this transformer was planned for 1 to " + options.maxTokens());
        }
        return tokens;
    }
}
