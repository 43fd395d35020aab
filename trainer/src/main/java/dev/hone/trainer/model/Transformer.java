package dev.hone.trainer.model;

import static java.util.Objects.requireNonNull;

import dev.hone.checkpoints.Safetensors;
import dev.hone.checkpoints.SafetensorsWriter;
import dev.hone.checkpoints.TensorEntry;
import dev.hone.checkpoints.TensorValues;
import dev.hone.datasets.UserError;
import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Device.AttentionForm;
import dev.hone.kernels.Tensor;
import dev.hone.trainer.model.Activations.Gradients;
import dev.hone.trainer.model.Activations.Layer;
import dev.hone.trainer.model.Activations.NormedHeads;
import dev.hone.trainer.model.Activations.NormedOutput;
import dev.hone.trainer.model.LinearModule.Matrix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A decoder-only transformer of the Llama form (Touvron et al. 2023): layers of grouped-query attention with rotary
 * positions and a gated feed-forward part, each with norms, in the variations of {@link Family}. Forward and backward are written out; all buffers are planned when it is
 * made, and a pass allocates nothing on the device.
 */
public final class Transformer implements ReferencePolicy {

    private final Device device;
    private final ModelConfig config;
    private final TransformerOptions options;
    private final Arena arena;
    private final Parameters parameters;
    private final Rope rope;
    private final Rope localRope;
    private final Activations activations;
    private final Linears linears;
    /** The folder whose weights these are; null where they are no folder's. */
    private @Nullable Path base;
    /** The type each weight had in the files it was read from. */
    private Map<String, String> dtypes = Map.of();

    private Transformer(Device device, ModelConfig config, TransformerOptions options) {
        if (!device.computes(options.dtype())) {
            throw new UserError("The " + device.name() + " device computes in float32 only; set dtype to float32, or"
                    + " choose the cpu or the cuda device");
        }
        this.device = device;
        this.config = config;
        this.options = options;
        this.arena = device.arena(Parameters.weightBytes(config, options, device)
                + Parameters.gradientBytes(config, options, device)
                + ropeBytes(config)
                + Activations.bytes(config, options, device));
        this.parameters = new Parameters(config, options, arena, device);
        this.rope = Rope.create(config.rope(), config.maxPositions(), options.maxLength(), device, arena);
        this.localRope = sharesRope(config)
                ? rope
                : Rope.create(config.localRope(), config.maxPositions(), options.maxLength(), device, arena);
        this.activations = new Activations(config, options, device, arena);
        this.linears = new Linears(device, config, parameters, activations);
    }

    static long ropeBytes(ModelConfig config) {
        return Rope.bytes(config.rope(), config.maxPositions())
                + (sharesRope(config) ? 0 : Rope.bytes(config.localRope(), config.maxPositions()));
    }

    private static boolean sharesRope(ModelConfig config) {
        return config.localRope().equals(config.rope());
    }

    /**
     * A transformer whose weights are zero until {@link #initialize}.
     *
     * @throws UserError where the device does not compute in the type asked for
     */
    public static Transformer create(Device device, ModelConfig config, TransformerOptions options) {
        return new Transformer(device, config, options);
    }

    /**
     * Reads a Hugging Face folder: config.json and model.safetensors, or its shards; or a folder of adapters, as {@link
     * #readWeights} does.
     *
     * @throws UserError where config.json is missing or asks for what is not built
     * @throws dev.hone.checkpoints.CheckpointException where the weights are damaged or do not fit it
     */
    public static Transformer load(Device device, Path folder, TransformerOptions options) {
        Path base = AdapterFolder.isOne(folder) ? AdapterFolder.read(folder).base() : folder;
        Transformer transformer = new Transformer(device, ModelConfig.read(base), options);
        try {
            transformer.readWeights(folder);
            return transformer;
        } catch (RuntimeException e) {
            transformer.close();
            throw e;
        }
    }

    /**
     * Reads the weights of a folder of the same shape into this transformer. Of a folder of adapters it reads the model
     * they were trained on, and then them: into this transformer's own adapters, or where it has none by adding them to
     * the weights. This transformer's adapters start anew where the folder has none.
     */
    public void readWeights(Path folder) {
        Adapters own = parameters.adapters();
        if (!AdapterFolder.isOne(folder)) {
            readBase(folder);
            startAdapters();
            return;
        }
        AdapterFolder adapter = AdapterFolder.read(folder);
        if (!adapter.base().equals(base)) {
            readBase(adapter.base());
        }
        if (own != null) {
            adapter.readInto(own);
            parameters.changed();
            return;
        }
        base = null; // these are its weights no more
        try (Arena temporary = device.arena(Adapters.bytes(config, adapter.lora(), dtype()))) {
            Adapters read = new Adapters(config, adapter.lora(), dtype(), device, temporary, false);
            adapter.readInto(read);
            linears.merge(read);
        }
    }

    /** Where the weights of a model lie: its folder, or that of adapters and that of the model they belong to. */
    public static List<Path> weightFolders(Path folder) {
        return AdapterFolder.isOne(folder) ? List.of(AdapterFolder.read(folder).base(), folder) : List.of(folder);
    }

    private void readBase(Path folder) {
        Safetensors file = Safetensors.openFolder(folder);
        for (String name : file.entries().keySet()) {
            boolean tied = name.equals("lm_head.weight") && config.tieWordEmbeddings();
            boolean known = parameters.named().containsKey(name)
                    || (parameters.fourBit() != null && parameters.fourBit().holds(name));
            if (!known && !tied && !name.endsWith("rotary_emb.inv_freq")) {
                throw new UserError(folder + " holds the tensor " + name + ", which "
                        + config.family().architecture()
                        + " with this config.json does not have; fetch the model again, or choose another");
            }
        }
        parameters.named().forEach(file::read);
        parameters.changed();
        if (parameters.fourBit() != null) {
            parameters.fourBit().read(file);
        }
        dtypes = file.entries().values().stream().collect(Collectors.toMap(TensorEntry::name, TensorEntry::dtype));
        base = folder.toAbsolutePath().normalize();
    }

    /**
     * Writes what was trained into a folder: config.json and model.safetensors, or with adapters PEFT's adapter_config.json
     * and adapter_model.safetensors beside the config.json of the model they belong to.
     *
     * @throws UserError where there are adapters and the model they belong to lies in no folder
     */
    public void save(Path folder) {
        save(folder, TensorValues.of(saved()));
    }

    /** What {@link #save} writes, by its name there. */
    public Map<String, Tensor> saved() {
        Adapters adapters = parameters.adapters();
        return adapters == null ? parameters.named() : adapters.named();
    }

    /** {@link #save} of values taken earlier from {@link #saved}: asks nothing of the device where they are copies. */
    public void save(Path folder, Map<String, TensorValues> values) {
        Adapters adapters = parameters.adapters();
        if (adapters != null && base == null) {
            throw new UserError("Adapters belong to a model in a folder, but this one was made here; save it first");
        }
        writeConfig(folder, parameters.weights().dtype().name());
        if (adapters == null) {
            SafetensorsWriter.writeFolderValues(folder, values, Map.of(), SafetensorsWriter.SHARD_BYTES);
        } else {
            AdapterFolder.write(folder, Objects.requireNonNull(base), adapters, values);
        }
    }

    /**
     * Writes config.json and model.safetensors, or shards, into a folder, exactly; adapters, if any, are added to the
     * weights first.
     */
    public void saveModel(Path folder) {
        mergeAdapters();
        writeConfig(folder, parameters.weights().dtype().name());
        SafetensorsWriter.writeFolder(folder, parameters.named(), Map.of(), SafetensorsWriter.SHARD_BYTES);
    }

    /**
     * {@link #saveModel} for others to use, rounded to a type.
     *
     * @param dtype F32, BF16 or F16; null: what each weight had in the files it was read from
     */
    public void export(Path folder, @Nullable String dtype) {
        mergeAdapters();
        Map<String, String> types = dtype == null
                ? dtypes
                : parameters.named().keySet().stream().collect(Collectors.toMap(name -> name, name -> dtype));
        writeConfig(folder, types.getOrDefault("model.embed_tokens.weight", "F32"));
        SafetensorsWriter.writeFolder(folder, parameters.named(), types, SafetensorsWriter.SHARD_BYTES);
    }

    private void writeConfig(Path folder, String dtype) {
        try {
            Files.createDirectories(folder);
            config.write(folder, dtype.equals("BF16") ? "bfloat16" : dtype.equals("F16") ? "float16" : "float32");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Adds the adapters, if any, to the weights, and sets them to add nothing.
     *
     * @throws UserError where the weights are kept in 4 bits
     */
    public void mergeAdapters() {
        if (parameters.fourBit() != null) {
            throw new UserError("Weights of 4 bits take up no adapters and are not written; save the adapters, which"
                    + " hone export --merge adds to the model they came from");
        }
        Adapters adapters = parameters.adapters();
        if (adapters != null) {
            base = null;
            linears.merge(adapters);
            adapters.clear();
            linears.resetMagnitudes();
            parameters.changed();
        }
    }

    /**
     * Draws random weights from a seed; adapters start anew.
     *
     * @throws UserError where the weights are kept in 4 bits
     */
    public void initialize(long seed) {
        if (parameters.fourBit() != null) {
            throw new UserError("Weights of 4 bits are those of a model; give its folder");
        }
        base = null;
        parameters.initialize(seed);
        startAdapters();
    }

    private void startAdapters() {
        Adapters adapters = parameters.adapters();
        if (adapters != null) {
            adapters.initialize();
            linears.resetMagnitudes();
            parameters.changed();
        }
    }

    /**
     * Takes over another transformer's weights, rounded where this one's are BF16 and those are not; both of one shape and
     * with the same adapters, on one device.
     */
    public void copyWeights(Transformer from) {
        device.convert(from.parameters.weights(), parameters.weights());
        if (parameters.fourBit() != null) {
            parameters.fourBit().copy(requireNonNull(from.parameters.fourBit()));
        }
        if (parameters.adapters() != null) {
            device.copy(from.parameters.trained(), parameters.trained());
        }
        parameters.changed();
        base = from.base;
        dtypes = from.dtypes;
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

    /** Of weights and activations in a pass. */
    public DType dtype() {
        return options.dtype();
    }

    @Override
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
        return forwardBackward(batch, coefficients, null, temperature, logprobs, null);
    }

    /**
     * The same with a bonus for entropy: {@code loss = -sum(coefficients * logprobs + bonuses * entropies)}.
     *
     * @param bonuses {@code [tokens]}, what a nat of the distribution that a token is drawn from is worth; or null
     * @param entropies {@code [tokens]}, out, in nats; or null
     * @return the loss but for the bonus
     */
    public double forwardBackward(
            Batch batch,
            float[] coefficients,
            float @Nullable [] bonuses,
            float temperature,
            float[] logprobs,
            float @Nullable [] entropies) {
        forward(batch);
        int tokens = batch.size();
        Gradients gradients = activations.gradients;
        Tensor deviceLogprobs = activations.logprobs.rows(0, tokens);
        Tensor deviceCoefficients = activations.coefficients.rows(0, tokens);
        Tensor dNormed = gradients.normed().rows(0, tokens);
        device.write(coefficients, deviceCoefficients);
        Tensor deviceBonuses = bonuses == null ? null : activations.bonuses.rows(0, tokens);
        if (bonuses != null && deviceBonuses != null) {
            device.write(bonuses, deviceBonuses);
        }
        Tensor deviceEntropies = entropies == null ? null : activations.entropies.rows(0, tokens);
        device.write(batch.targets(), activations.targets.rows(0, tokens));
        device.linearCrossEntropy(
                activations.last.normed().rows(0, tokens),
                parameters.weightViews().classifier(),
                activations.targets.rows(0, tokens),
                deviceCoefficients,
                deviceBonuses,
                1 / temperature,
                (float) config.finalSoftcap(),
                activations.workspace,
                deviceLogprobs,
                deviceEntropies,
                dNormed,
                ofTrained(parameters.gradientViews().classifier()));
        backward(tokens, batch.sequences(), dNormed);
        device.read(deviceLogprobs, logprobs);
        if (entropies != null && deviceEntropies != null) {
            device.read(deviceEntropies, entropies);
        }
        double loss = 0;
        for (int t = 0; t < tokens; t++) {
            if (batch.targets()[t] >= 0) {
                loss -= (double) coefficients[t] * logprobs[t];
            }
        }
        return loss;
    }

    /**
     * This transformer with the adapters of a folder in place of its own: the policy they were written of, without a
     * second copy of the weights they add to. It must not change them, and is for the thread that uses this transformer.
     */
    public ReferencePolicy withAdapters(Path folder) {
        return new FrozenAdapters(this, folder);
    }

    /** {@link #logprobs} with other adapters than those in training, or with none. */
    void logprobs(
            @Nullable Adapters others, Batch batch, float temperature, float[] logprobs, float @Nullable [] entropies) {
        linears.use(others);
        try {
            logprobs(batch, temperature, logprobs, entropies);
        } finally {
            linears.use(parameters.adapters());
        }
    }

    @Override
    public void logprobs(Batch batch, float temperature, float[] logprobs, float @Nullable [] entropies) {
        forward(batch);
        int tokens = batch.size();
        device.write(batch.targets(), activations.targets.rows(0, tokens));
        device.linearLogprobs(
                activations.last.normed().rows(0, tokens),
                parameters.weightViews().classifier(),
                activations.targets.rows(0, tokens),
                1 / temperature,
                (float) config.finalSoftcap(),
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
        classify(hidden(batch), logits);
    }

    private void classify(Tensor hidden, Tensor logits) {
        device.matmul(hidden, false, parameters.weightViews().classifier(), true, null, logits, false);
        if (config.finalSoftcap() != 0) {
            device.softcap(logits, (float) config.finalSoftcap());
        }
    }

    /**
     * Brings up to date what follows from the weights. A pass does so by itself; what is recorded of a pass needs it before
     * each replay.
     */
    public void prepare() {
        linears.prepare();
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
                    form(layer),
                    heads(out.attended()));
        });
        logitsAfter(rows, logits);
    }

    /** The logits after other tokens of the last {@link #forwardCached}; shapes as there, rows at most its tokens. */
    public void logitsAfter(Tensor rows, Tensor logits) {
        Tensor wanted = activations.update.rows(0, rows.size());
        device.embeddingForward(rows, activations.last.normed(), wanted);
        classify(wanted, logits);
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
                (layer, q, k, v, out) -> attend(layer, q, k, v, offsets, out));
    }

    private void attend(int layer, Tensor q, Tensor k, Tensor v, Tensor offsets, Layer out) {
        device.attentionForward(q, k, v, offsets, form(layer), heads(out.attended()), out.lse());
    }

    private AttentionForm form(int layer) {
        return new AttentionForm(
                (float) config.attentionScale(), config.windows().get(layer), (float) config.attentionSoftcap());
    }

    private void forward(int tokens, Tensor ids, Tensor positions, Attention attention) {
        linears.prepare();
        Parameters.Views weights = parameters.weightViews();
        Tensor update = activations.update.rows(0, tokens);
        Layer current = activations.layers.get(0).front(tokens, config.heads());
        device.embeddingForward(ids, weights.embedding(), current.hidden());
        if (config.family().scaledEmbeddings()) {
            device.scale(current.hidden(), embeddingScale(), current.hidden());
        }
        norm(current.hidden(), weights.layers().get(0).inputNorm(), current.normed(), current.rstd());
        for (int i = 0; i < config.layers(); i++) {
            layerForward(i, current, positions, attention, update);
            boolean isLast = i + 1 == config.layers();
            Layer next = isLast ? current : activations.layers.get(i + 1).front(tokens, config.heads());
            addAndNorm(
                    update,
                    current.middle(),
                    isLast ? weights.norm() : weights.layers().get(i + 1).inputNorm(),
                    isLast ? activations.last.hidden().rows(0, tokens) : next.hidden(),
                    isLast ? activations.last.normed().rows(0, tokens) : next.normed(),
                    isLast ? activations.last.rstd().rows(0, tokens) : next.rstd());
            current = next;
        }
    }

    /** From the layer's normed input to what its feed-forward part adds to {@code middle}. */
    private void layerForward(int i, Layer layer, Tensor positions, Attention attention, Tensor update) {
        Parameters.Layer weights = parameters.weightViews().layers().get(i);
        linears.forward(i, Matrix.QKV, layer.normed(), weights.qkvBias(), layer.qkv());
        normHeads(weights, layer);
        Rope turns = rope(i);
        device.rope(rotated(layer), positions, turns.cos(), turns.sin(), false);
        attention.forward(i, queries(rotatedColumns(layer)), keys(rotatedColumns(layer)), values(layer.qkv()), layer);

        NormedOutput attentionOutput = layer.attentionOutput();
        Tensor attended = attentionOutput == null ? update : attentionOutput.update();
        linears.forward(i, Matrix.OUTPUT, layer.attended(), null, attended);
        normOutput(attentionOutput, weights.attentionNorm(), update);
        addAndNorm(
                update,
                layer.hidden(),
                weights.feedForwardNorm(),
                layer.middle(),
                layer.middleNormed(),
                layer.middleRstd());

        linears.forward(i, Matrix.GATE_UP, layer.middleNormed(), null, layer.gateUp());
        if (config.family().gelu()) {
            device.gegluForward(layer.gateUp(), layer.gated());
        } else {
            device.swigluForward(layer.gateUp(), layer.gated());
        }
        Tensor fed = layer.output() == null ? update : layer.output().update();
        linears.forward(i, Matrix.DOWN, layer.gated(), null, fed);
        normOutput(layer.output(), weights.outputNorm(), update);
    }

    /** Where there is no weight, {@code normed} is {@code x} itself. */
    private void norm(Tensor x, @Nullable Tensor weight, Tensor normed, Tensor rstd) {
        if (weight != null) {
            device.rmsnormForward(x, null, weight, epsilon(), offset(), null, normed, rstd);
        }
    }

    /** {@code sum = x + residual}, and its norm; where there is no weight, {@code normed} is {@code sum} itself. */
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

    /** Everything a layer kept, again from its input; bit for bit, as a norm of the sum is the norm of x + residual. */
    private void recompute(int i, Layer layer, Tensor positions, Tensor offsets) {
        norm(layer.hidden(), parameters.weightViews().layers().get(i).inputNorm(), layer.normed(), layer.rstd());
        layerForward(
                i,
                layer,
                positions,
                (ignored, q, k, v, out) -> attend(i, q, k, v, offsets, out),
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
                offset(),
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
            layerBackward(i, layer, positions, offsets, dHidden, dNormed);
        }
        if (config.family().scaledEmbeddings()) {
            device.scale(dHidden, embeddingScale(), dHidden);
        }
        if (ofTrained(gradients.embedding()) != null) {
            device.embeddingBackward(activations.ids.rows(0, tokens), dHidden, gradients.embedding());
        }
    }

    /** Turns the gradient of the residual stream after the layer, in {@code dHidden}, into that before it. */
    private void layerBackward(int i, Layer layer, Tensor positions, Tensor offsets, Tensor dHidden, Tensor dNormed) {
        Parameters.Layer weights = parameters.weightViews().layers().get(i);
        Parameters.Layer gradients = parameters.gradientViews().layers().get(i);
        long tokens = dHidden.dim(0);
        Tensor dGated = activations.gradients.gated().rows(0, tokens);
        Tensor dAttended = activations.gradients.attended().rows(0, tokens);
        Tensor dQkv = activations.gradients.qkv().rows(0, tokens);
        Tensor dGateUp = layer.gateUp();

        Tensor dFed =
                normOutputBackward(layer.output(), weights.outputNorm(), gradients.outputNorm(), dHidden, dNormed);
        linears.backward(i, Matrix.DOWN, layer.gated(), dFed, dGated, gradients.down(), false);
        if (config.family().gelu()) {
            device.gegluBackward(layer.gateUp(), dGated, dGateUp);
        } else {
            device.swigluBackward(layer.gateUp(), dGated, dGateUp);
        }
        boolean direct = weights.feedForwardNorm() == null;
        linears.backward(
                i,
                Matrix.GATE_UP,
                layer.middleNormed(),
                dGateUp,
                direct ? dHidden : dNormed,
                gradients.gateUp(),
                direct);
        normBackward(
                layer.middle(),
                weights.feedForwardNorm(),
                gradients.feedForwardNorm(),
                layer.middleRstd(),
                dNormed,
                dHidden);

        Tensor dUpdate = normOutputBackward(
                layer.attentionOutput(), weights.attentionNorm(), gradients.attentionNorm(), dHidden, dNormed);
        linears.backward(i, Matrix.OUTPUT, layer.attended(), dUpdate, dAttended, gradients.output(), false);
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
        Rope turns = rope(i);
        device.rope(queriesAndKeys(dHeads), positions, turns.cos(), turns.sin(), true);
        normHeadsBackward(weights, gradients, layer, dHeads, dQkv);
        if (gradients.qkvBias() != null) {
            device.sumRows(dQkv, gradients.qkvBias(), true);
        }
        direct = weights.inputNorm() == null;
        linears.backward(i, Matrix.QKV, layer.normed(), dQkv, direct ? dHidden : dNormed, gradients.qkv(), direct);
        normBackward(layer.hidden(), weights.inputNorm(), gradients.inputNorm(), layer.rstd(), dNormed, dHidden);
    }

    /** Adds to {@code dHidden}, the gradient of the stream x, what reaches x through its norm. */
    private void normBackward(
            Tensor x, @Nullable Tensor weight, @Nullable Tensor dWeight, Tensor rstd, Tensor dNormed, Tensor dHidden) {
        if (weight != null && dWeight != null) {
            device.rmsnormBackward(x, weight, offset(), rstd, dNormed, dHidden, dHidden, dWeight);
        }
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
        device.rmsnormBackward(output.update(), weight, offset(), output.rstd(), dHidden, null, dUpdate, dWeight);
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

    /** The gradient of a matrix, or null where that is frozen. */
    private static @Nullable Tensor ofTrained(Tensor gradient) {
        return gradient.size() == 0 ? null : gradient;
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

    private Rope rope(int layer) {
        return config.windows().get(layer) == 0 ? rope : localRope;
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
