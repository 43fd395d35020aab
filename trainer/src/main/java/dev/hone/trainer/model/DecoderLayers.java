package dev.hone.trainer.model;

import dev.hone.kernels.Device;
import dev.hone.kernels.Device.AttentionForm;
import dev.hone.kernels.Tensor;
import dev.hone.trainer.model.Activations.Layer;
import dev.hone.trainer.model.Activations.NormedHeads;
import dev.hone.trainer.model.Activations.NormedOutput;
import dev.hone.trainer.model.LinearModule.Matrix;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The layers of a transformer, from the embedding to the last norm: forward, and backward written out. */
final class DecoderLayers {

    /**
     * Attention of one layer: q {@code [tokens, heads, headDim]}, k and v {@code [tokens, kvHeads, headDim]}, rotated;
     * {@code attended} as q and {@code lse [tokens, heads]}, out.
     */
    interface Attention {
        void forward(int layer, AttentionForm form, Tensor q, Tensor k, Tensor v, Tensor attended, Tensor lse);
    }

    private final Device device;
    private final ModelConfig config;
    private final Parameters parameters;
    private final Activations activations;
    private final Linears linears;
    private final List<@Nullable Rope> ropes;
    private final boolean recompute;

    /**
     * @param ropes of each layer; null: its heads carry no position
     * @param recompute whether a layer's activations are computed again in the backward pass and not kept
     */
    DecoderLayers(
            Device device,
            ModelConfig config,
            Parameters parameters,
            Activations activations,
            Linears linears,
            List<@Nullable Rope> ropes,
            boolean recompute) {
        this.device = device;
        this.config = config;
        this.parameters = parameters;
        this.activations = activations;
        this.linears = linears;
        this.ropes = ropes;
        this.recompute = recompute;
    }

    // ---- forward ---------------------------------------------------------------------------------------------------

    /** Attention within each of the sequences that a pass packs; {@code offsets} I32 {@code [sequences + 1]}. */
    Attention packed(Tensor offsets) {
        return (layer, form, q, k, v, attended, lse) -> device.attentionForward(q, k, v, offsets, form, attended, lse);
    }

    private AttentionForm form(int layer) {
        return new AttentionForm(
                (float) config.attentionScale(), config.windows().get(layer), (float) config.attentionSoftcap());
    }

    /**
     * From token ids to the last norm's output.
     *
     * @param ids I32 {@code [tokens]}
     * @param positions I32 {@code [tokens]}
     */
    void forward(Tensor ids, Tensor positions, Attention attention) {
        int tokens = Math.toIntExact(ids.size());
        linears.prepare();
        Parameters.Views weights = parameters.weightViews();
        Tensor update = activations.update.rows(0, tokens);
        Tensor normed = activations.normed.rows(0, tokens);
        Layer current = activations.layers.get(0).front(tokens, config.heads());
        device.embeddingForward(ids, weights.embedding(), current.hidden());
        if (config.family().scaledEmbeddings()) {
            device.scale(current.hidden(), embeddingScale(), current.hidden());
        }
        norm(current.hidden(), weights.layers().get(0).inputNorm(), normed, current.rstd());
        for (int i = 0; i < config.layers(); i++) {
            layerForward(i, current, positions, attention, update);
            boolean isLast = i + 1 == config.layers();
            Layer next = isLast ? current : activations.layers.get(i + 1).front(tokens, config.heads());
            addAndNorm(
                    update,
                    current.middle(),
                    isLast ? weights.norm() : weights.layers().get(i + 1).inputNorm(),
                    isLast ? activations.last.hidden().rows(0, tokens) : next.hidden(),
                    isLast ? activations.last.normed().rows(0, tokens) : normed,
                    isLast ? activations.last.rstd().rows(0, tokens) : next.rstd());
            current = next;
        }
    }

    /** From the layer's normed input to what its feed-forward part adds to {@code middle}. */
    private void layerForward(int i, Layer layer, Tensor positions, Attention attention, Tensor update) {
        toGateUp(i, layer, positions, attention, update);
        toOutput(i, layer, update);
    }

    /** From the layer's normed input to {@code gateUp}. */
    private void toGateUp(int i, Layer layer, Tensor positions, Attention attention, Tensor update) {
        Parameters.Layer weights = parameters.weightViews().layers().get(i);
        linears.forward(
                i, Matrix.QKV, normedOrStream(weights.inputNorm(), layer.hidden()), weights.qkvBias(), layer.qkv());
        normHeads(weights, layer);
        rotate(i, rotated(layer), positions, false);
        attention.forward(
                i,
                form(i),
                queries(rotatedColumns(layer)),
                keys(rotatedColumns(layer)),
                values(layer.qkv()),
                heads(layer.attended()),
                layer.lse());

        NormedOutput attentionOutput = layer.attentionOutput();
        Tensor attended = attentionOutput == null ? update : attentionOutput.update();
        linears.forward(i, Matrix.OUTPUT, layer.attended(), null, attended);
        normOutput(attentionOutput, weights.attentionNorm(), update);
        addAndNorm(
                update,
                layer.hidden(),
                weights.feedForwardNorm(),
                layer.middle(),
                activations.normed.rows(0, update.dim(0)),
                layer.middleRstd());

        linears.forward(
                i, Matrix.GATE_UP, normedOrStream(weights.feedForwardNorm(), layer.middle()), null, layer.gateUp());
    }

    /** From {@code gateUp} to what the feed-forward part adds to {@code middle}. */
    private void toOutput(int i, Layer layer, Tensor update) {
        Tensor gated = activations.gated.rows(0, update.dim(0));
        if (config.family().gelu()) {
            device.gegluForward(layer.gateUp(), gated);
        } else {
            device.swigluForward(layer.gateUp(), gated);
        }
        Tensor fed = layer.output() == null ? update : layer.output().update();
        linears.forward(i, Matrix.DOWN, gated, null, fed);
        normOutput(layer.output(), parameters.weightViews().layers().get(i).outputNorm(), update);
    }

    /** What a part of the layer reads: the stream's norm, or where it has no weight the stream itself. */
    private Tensor normedOrStream(@Nullable Tensor weight, Tensor stream) {
        return weight == null ? stream : activations.normed.rows(0, stream.dim(0));
    }

    /** Where there is no weight there is no norm. */
    private void norm(Tensor x, @Nullable Tensor weight, Tensor normed, Tensor rstd) {
        if (weight != null) {
            device.rmsnormForward(x, null, weight, epsilon(), offset(), null, normed, rstd);
        }
    }

    /** {@code sum = x + residual}, and its norm where there is a weight. */
    private void addAndNorm(
            Tensor x, Tensor residual, @Nullable Tensor weight, Tensor sum, Tensor normed, Tensor rstd) {
        if (weight == null) {
            device.add(x, residual, sum);
        } else {
            device.rmsnormForward(x, residual, weight, epsilon(), offset(), sum, normed, rstd);
        }
    }

    /** What a part of the layer adds to the residual stream, where its output has a norm. */
    private void normOutput(@Nullable NormedOutput output, @Nullable Tensor weight, Tensor update) {
        if (output != null && weight != null) {
            device.rmsnormForward(output.update(), null, weight, epsilon(), offset(), null, update, output.rstd());
        }
    }

    /** Turns a layer's queries and keys, or their gradients back. */
    private void rotate(int i, Tensor heads, Tensor positions, boolean back) {
        Rope rope = ropes.get(i);
        if (rope != null) {
            device.rope(heads, positions, rope.cos(), rope.sin(), back);
        }
    }

    private void normHeads(Parameters.Layer weights, Layer layer) {
        NormedHeads normed = layer.normedHeads();
        if (normed == null || weights.queryNorm() == null || weights.keyNorm() == null) {
            return;
        }
        device.headnormForward(
                normGroups(queries(layer.qkv()), normed.queryRstd()),
                weights.queryNorm(),
                epsilon(),
                offset(),
                normGroups(queries(normed.heads()), normed.queryRstd()),
                normed.queryRstd());
        device.headnormForward(
                normGroups(keys(layer.qkv()), normed.keyRstd()),
                weights.keyNorm(),
                epsilon(),
                offset(),
                normGroups(keys(normed.heads()), normed.keyRstd()),
                normed.keyRstd());
    }

    /**
     * What the backward pass needs of a layer, again from its input; bit for bit, as a norm of the sum is the norm of x +
     * residual. The layer's output is needed where that has a norm.
     */
    private void recompute(int i, Layer layer, Tensor positions, Tensor offsets) {
        long tokens = layer.hidden().dim(0);
        Tensor update = activations.update.rows(0, tokens);
        norm(
                layer.hidden(),
                parameters.weightViews().layers().get(i).inputNorm(),
                activations.normed.rows(0, tokens),
                layer.rstd());
        toGateUp(i, layer, positions, packed(offsets), update);
        if (layer.output() != null) {
            toOutput(i, layer, update);
        }
    }

    // ---- backward --------------------------------------------------------------------------------------------------

    /**
     * Adds to the gradients what follows from that of the last norm's output, and uses that up.
     *
     * @param sequences that the forward pass packed
     * @param dNormed {@code [tokens, hidden]}: {@link Activations#normed}
     */
    void backward(int sequences, Tensor dNormed) {
        int tokens = Math.toIntExact(dNormed.dim(0));
        Parameters.Views weights = parameters.weightViews();
        Parameters.Views gradients = parameters.gradientViews();
        Tensor dHidden = activations.gradients.hidden().rows(0, tokens);
        Tensor positions = activations.positions.rows(0, tokens);
        Tensor offsets = activations.offsets.rows(0, sequences + 1);
        device.rmsnormBackward(
                activations.last.hidden().rows(0, tokens),
                weights.norm(),
                offset(),
                activations.last.rstd().rows(0, tokens),
                dNormed,
                null,
                dHidden,
                gradients.norm(),
                null);
        for (int i = config.layers() - 1; i >= 0; i--) {
            Layer layer = activations.layers.get(i).front(tokens, config.heads());
            boolean isLast = i + 1 == config.layers(); // which left the shared buffers as it needs them
            if (recompute && !isLast) {
                recompute(i, layer, positions, offsets);
            }
            layerBackward(i, layer, positions, offsets, dHidden, dNormed);
        }
        if (config.family().scaledEmbeddings()) {
            device.scale(dHidden, embeddingScale(), dHidden);
        }
        if (Parameters.ofTrained(gradients.embedding()) != null) {
            device.embeddingBackward(activations.ids.rows(0, tokens), dHidden, gradients.embedding());
        }
    }

    /**
     * Turns the gradient of the residual stream after the layer, in {@code dHidden}, into that before it. What a norm or the
     * gated unit gave, the input of a matrix, was not kept: once its gradient is used up, its own backward pass puts it in
     * that one's place, for the gradient of the matrix's weight, which comes last.
     */
    private void layerBackward(int i, Layer layer, Tensor positions, Tensor offsets, Tensor dHidden, Tensor dNormed) {
        Parameters.Layer weights = parameters.weightViews().layers().get(i);
        Parameters.Layer gradients = parameters.gradientViews().layers().get(i);
        long tokens = dHidden.dim(0);
        Tensor dAttended = activations.gradients.attended().rows(0, tokens);
        Tensor dQkv = activations.gradients.qkv().rows(0, tokens);
        Tensor dGateUp = layer.gateUp();

        Tensor dFed =
                normOutputBackward(layer.output(), weights.outputNorm(), gradients.outputNorm(), dHidden, dNormed);
        Tensor gated = activations.gated.rows(0, tokens);
        linears.backwardInput(i, Matrix.DOWN, dFed, gated, false);
        gatedBackward(layer.gateUp(), gated, dGateUp, linears.trains(i, Matrix.DOWN) ? gated : null);
        linears.backwardWeights(i, Matrix.DOWN, gated, dFed);
        inputBackward(
                i,
                Matrix.GATE_UP,
                layer.middle(),
                weights.feedForwardNorm(),
                gradients.feedForwardNorm(),
                layer.middleRstd(),
                dGateUp,
                dNormed,
                dHidden);

        Tensor dUpdate = normOutputBackward(
                layer.attentionOutput(), weights.attentionNorm(), gradients.attentionNorm(), dHidden, dNormed);
        linears.backwardInput(i, Matrix.OUTPUT, dUpdate, dAttended, false);
        linears.backwardWeights(i, Matrix.OUTPUT, layer.attended(), dUpdate);
        Tensor dHeads = activations.gradients.normedHeads() == null
                ? dQkv
                : activations.gradients.normedHeads().rows(0, tokens);
        device.attentionBackward(
                queries(rotatedColumns(layer)),
                keys(rotatedColumns(layer)),
                values(layer.qkv()),
                offsets,
                form(i),
                heads(layer.attended()),
                layer.lse(),
                heads(dAttended),
                queries(dHeads),
                keys(dHeads),
                values(dQkv));
        rotate(i, queriesAndKeys(dHeads), positions, true);
        normHeadsBackward(weights, gradients, layer, dHeads, dQkv);
        if (gradients.qkvBias() != null) {
            device.sumRows(dQkv, gradients.qkvBias(), true);
        }
        inputBackward(
                i,
                Matrix.QKV,
                layer.hidden(),
                weights.inputNorm(),
                gradients.inputNorm(),
                layer.rstd(),
                dQkv,
                dNormed,
                dHidden);
    }

    private void gatedBackward(Tensor gateUp, Tensor dGated, Tensor dGateUp, @Nullable Tensor gated) {
        if (config.family().gelu()) {
            device.gegluBackward(gateUp, dGated, dGateUp, gated);
        } else {
            device.swigluBackward(gateUp, dGated, dGateUp, gated);
        }
    }

    /**
     * Adds to {@code dHidden}, the gradient of the stream, what reaches it through the matrix that a part of the layer
     * begins with, and through the norm before that, if any; adds to the gradients of both.
     *
     * @param dY of what the matrix gave
     * @param normed space: the gradient of what the norm gave, and then that again
     */
    private void inputBackward(
            int i,
            Matrix matrix,
            Tensor stream,
            @Nullable Tensor weight,
            @Nullable Tensor dWeight,
            Tensor rstd,
            Tensor dY,
            Tensor normed,
            Tensor dHidden) {
        if (weight == null || dWeight == null) {
            linears.backwardInput(i, matrix, dY, dHidden, true);
            linears.backwardWeights(i, matrix, stream, dY);
            return;
        }
        Tensor again = linears.trains(i, matrix) ? normed : null;
        linears.backwardInput(i, matrix, dY, normed, false);
        device.rmsnormBackward(stream, weight, offset(), rstd, normed, dHidden, dHidden, dWeight, again);
        linears.backwardWeights(i, matrix, normed, dY);
    }

    /** The gradient of what a part of the layer gave, from that of the stream it was added to; through its norm, if any. */
    private Tensor normOutputBackward(
            @Nullable NormedOutput output,
            @Nullable Tensor weight,
            @Nullable Tensor dWeight,
            Tensor dHidden,
            Tensor dUpdate) {
        if (output == null || weight == null || dWeight == null) {
            return dHidden;
        }
        device.rmsnormBackward(output.update(), weight, offset(), output.rstd(), dHidden, null, dUpdate, dWeight, null);
        return dUpdate;
    }

    private void normHeadsBackward(
            Parameters.Layer weights, Parameters.Layer gradients, Layer layer, Tensor dHeads, Tensor dQkv) {
        NormedHeads normed = layer.normedHeads();
        if (normed == null
                || weights.queryNorm() == null
                || weights.keyNorm() == null
                || gradients.queryNorm() == null
                || gradients.keyNorm() == null) {
            return;
        }
        device.headnormBackward(
                normGroups(queries(layer.qkv()), normed.queryRstd()),
                weights.queryNorm(),
                offset(),
                normed.queryRstd(),
                normGroups(queries(dHeads), normed.queryRstd()),
                normGroups(queries(dQkv), normed.queryRstd()),
                gradients.queryNorm());
        device.headnormBackward(
                normGroups(keys(layer.qkv()), normed.keyRstd()),
                weights.keyNorm(),
                offset(),
                normed.keyRstd(),
                normGroups(keys(dHeads), normed.keyRstd()),
                normGroups(keys(dQkv), normed.keyRstd()),
                gradients.keyNorm());
    }

    // ---- constants -------------------------------------------------------------------------------------------------

    private float epsilon() {
        return (float) config.rmsNormEps();
    }

    private float offset() {
        return config.family().normOffset();
    }

    private float embeddingScale() {
        return (float) Math.sqrt(config.hiddenSize());
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

    /** Where the layer's rotated queries and keys lie side by side, in front of whatever else. */
    private static Tensor rotatedColumns(Layer layer) {
        return layer.normedHeads() == null ? layer.qkv() : layer.normedHeads().heads();
    }

    private Tensor rotated(Layer layer) {
        return queriesAndKeys(rotatedColumns(layer));
    }

    /** {@code [tokens, heads + kvHeads, headDim]} */
    private Tensor queriesAndKeys(Tensor columns) {
        int heads = config.heads() + config.kvHeads();
        return columns.columns(0, (long) heads * config.headDim()).reshape(columns.dim(0), heads, config.headDim());
    }

    /** Heads {@code [tokens, heads, headDim]} as {@code [tokens, norms, width]}, with as many norms as {@code rstd} has. */
    private static Tensor normGroups(Tensor heads, Tensor rstd) {
        return heads.reshape(heads.dim(0), rstd.dim(1), heads.rowSize() / rstd.dim(1));
    }

    private Tensor values(Tensor qkv) {
        return kvHeads(qkv, config.querySize() + (long) config.keySize());
    }

    private Tensor kvHeads(Tensor qkv, long from) {
        return qkv.columns(from, from + config.keySize()).reshape(qkv.dim(0), config.kvHeads(), config.headDim());
    }
}
