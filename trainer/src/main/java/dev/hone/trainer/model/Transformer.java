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
import dev.hone.kernels.Tensor;
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
 * positions and a gated feed-forward part, each with norms, in the variations of {@link Family}. All buffers are planned
 * when it is made, and a pass allocates nothing on the device.
 */
public final class Transformer implements ReferencePolicy {

    private final Device device;
    private final ModelConfig config;
    private final TransformerOptions options;
    private final Arena arena;
    private final Parameters parameters;
    private final Activations activations;
    private final Linears linears;
    private final DecoderLayers layers;
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
                + Rope.bytes(config)
                + Activations.bytes(config, options, device));
        this.parameters = new Parameters(config, options, arena, device);
        List<@Nullable Rope> ropes = Rope.ofLayers(config, options.maxLength(), device, arena);
        this.activations = new Activations(config, options, device, arena);
        this.linears = new Linears(device, config, parameters, activations);
        this.layers = new DecoderLayers(device, config, parameters, activations, linears, ropes, options.recompute());
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
        Transformer transformer = new Transformer(device, ModelConfig.read(AdapterFolder.modelOf(folder)), options);
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
        parameters.named().forEach((name, weight) -> weight.read(file, name));
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
        save(folder, saved());
    }

    /** What {@link #save} writes, by its name there. */
    public Map<String, ? extends TensorValues> saved() {
        Adapters adapters = parameters.adapters();
        return adapters == null ? parameters.named() : TensorValues.of(adapters.named());
    }

    /** {@link #save} of values taken earlier from {@link #saved}: asks nothing of the device where they are copies. */
    public void save(Path folder, Map<String, ? extends TensorValues> values) {
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
        SafetensorsWriter.writeFolderValues(folder, parameters.named(), Map.of(), SafetensorsWriter.SHARD_BYTES);
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
        SafetensorsWriter.writeFolderValues(folder, parameters.named(), types, SafetensorsWriter.SHARD_BYTES);
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
        parameters.weights().copy(from.parameters.weights());
        if (parameters.fourBit() != null) {
            parameters.fourBit().copy(requireNonNull(from.parameters.fourBit()));
        }
        if (parameters.adapters() != null) {
            parameters.trained().copy(from.parameters.trained());
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
        try (AskedPass asked = askForwardBackward(batch, coefficients, null, temperature)) {
            asked.await(logprobs, null);
        }
        return batch.loss(coefficients, logprobs);
    }

    /**
     * Asks for the same, with a bonus for entropy: {@code loss = -sum(coefficients * logprobs + bonuses * entropies)}.
     *
     * @param bonuses {@code [tokens]}, what a nat of the distribution that a token is drawn from is worth; null for none,
     *     and no entropies
     */
    public AskedPass askForwardBackward(
            Batch batch, float[] coefficients, float @Nullable [] bonuses, float temperature) {
        forward(batch);
        int tokens = batch.size();
        Tensor deviceLogprobs = activations.logprobs.rows(0, tokens);
        Tensor deviceCoefficients = activations.coefficients.rows(0, tokens);
        Tensor dNormed = activations.normed.rows(0, tokens);
        device.write(coefficients, deviceCoefficients);
        Tensor deviceBonuses = bonuses == null ? null : activations.bonuses.rows(0, tokens);
        if (bonuses != null && deviceBonuses != null) {
            device.write(bonuses, deviceBonuses);
        }
        Tensor deviceEntropies = bonuses == null ? null : activations.entropies.rows(0, tokens);
        device.linearCrossEntropy(
                activations.last.normed().rows(0, tokens),
                parameters.weightViews().classifier(),
                batch.targets(),
                deviceCoefficients,
                deviceBonuses,
                1 / temperature,
                (float) config.finalSoftcap(),
                activations.workspace,
                deviceLogprobs,
                deviceEntropies,
                dNormed,
                Parameters.ofTrained(parameters.gradientViews().classifier()));
        layers.backward(batch.sequences(), dNormed);
        return asked(deviceLogprobs, deviceEntropies);
    }

    private AskedPass asked(Tensor logprobs, @Nullable Tensor entropies) {
        return new AskedPass(device.readLater(logprobs), entropies == null ? null : device.readLater(entropies));
    }

    /**
     * This transformer with the adapters of a folder in place of its own: the policy they were written of, without a
     * second copy of the weights they add to. It must not change them, and is for the thread that uses this transformer.
     */
    public ReferencePolicy withAdapters(Path folder) {
        return new FrozenAdapters(this, folder);
    }

    /** {@link #askLogprobs} with other adapters than those in training, or with none. */
    AskedPass askLogprobs(@Nullable Adapters others, Batch batch, float temperature, boolean entropies) {
        linears.use(others);
        try {
            return askLogprobs(batch, temperature, entropies);
        } finally {
            linears.use(parameters.adapters());
        }
    }

    @Override
    public AskedPass askLogprobs(Batch batch, float temperature, boolean entropies) {
        forward(batch);
        int tokens = batch.size();
        Tensor deviceLogprobs = activations.logprobs.rows(0, tokens);
        Tensor deviceEntropies = entropies ? activations.entropies.rows(0, tokens) : null;
        device.linearLogprobs(
                activations.last.normed().rows(0, tokens),
                parameters.weightViews().classifier(),
                batch.targets(),
                1 / temperature,
                (float) config.finalSoftcap(),
                activations.workspace,
                deviceLogprobs,
                deviceEntropies);
        return asked(deviceLogprobs, deviceEntropies);
    }

    /** What the classifier sees, {@code [tokens, hidden]}; valid until the next pass. */
    public Tensor hidden(Batch batch) {
        forward(batch);
        return activations.last.normed().rows(0, batch.size());
    }

    /** {@link #logprobs}, and what the classifier sees, {@code [tokens, hidden]}, valid until the next pass. */
    public Tensor hidden(Batch batch, float temperature, float[] logprobs, float @Nullable [] entropies) {
        logprobs(batch, temperature, logprobs, entropies);
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
        requireFit(Math.toIntExact(batch.ids().size()));
        layers.forward(batch.ids(), batch.positions(), (layer, form, q, k, v, attended, lse) -> {
            KvCache.Layer cached = cache.layer(layer);
            device.cacheWrite(k, v, batch.slots(), cached.keys(), cached.values());
            device.attentionPaged(
                    q,
                    cached.keys(),
                    cached.values(),
                    batch.blockTable(),
                    batch.lengths(),
                    batch.offsets(),
                    form,
                    attended);
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

    private void forward(Batch batch) {
        int tokens = requireFit(batch.size());
        requireKnown(batch);
        device.write(batch.tokens(), activations.ids.rows(0, tokens));
        device.write(batch.positions(), activations.positions.rows(0, tokens));
        Tensor offsets = activations.offsets.rows(0, batch.offsets().length);
        device.write(batch.offsets(), offsets);
        layers.forward(activations.ids.rows(0, tokens), activations.positions.rows(0, tokens), layers.packed(offsets));
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
