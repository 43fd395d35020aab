package dev.hone.trainer.run;

import dev.hone.checkpoints.CheckpointContents;
import dev.hone.checkpoints.CheckpointException;
import dev.hone.checkpoints.Fingerprint;
import dev.hone.checkpoints.HostCopy;
import dev.hone.checkpoints.Safetensors;
import dev.hone.checkpoints.SafetensorsWriter;
import dev.hone.checkpoints.TensorValues;
import dev.hone.datasets.UserError;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.DeviceOutOfMemory;
import dev.hone.kernels.Tensor;
import dev.hone.trainer.distributed.Launch;
import dev.hone.trainer.distributed.Replica;
import dev.hone.trainer.distributed.Team;
import dev.hone.trainer.generate.Completer;
import dev.hone.trainer.generate.GenerationProgress;
import dev.hone.trainer.generate.Generator;
import dev.hone.trainer.generate.GeneratorOptions;
import dev.hone.trainer.generate.ModelSolver;
import dev.hone.trainer.model.LoraConfig;
import dev.hone.trainer.model.ModelConfig;
import dev.hone.trainer.model.ReferencePolicy;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.model.TransformerOptions;
import dev.hone.trainer.optim.LocalEngine;
import dev.hone.trainer.optim.Optim;
import dev.hone.trainer.optim.Optimizer;
import dev.hone.trainer.optim.OptimizerOptions;
import dev.hone.trainer.optim.Reference;
import dev.hone.trainer.optim.TrainingEngine;
import dev.hone.trainer.recipe.LoraKeys;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.recipe.RecipeWriter;
import dev.hone.trainer.recipe.SftKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** The model of a run, with what trains it and what asks it: all computes on the same weights, in the same memory. */
public final class Learner implements AskedModel, Replica, AutoCloseable {

    private static final String OPTIMIZER = "optimizer.safetensors";
    private static final String UPDATES = "updates";
    private static final String OPTIM = "optim";

    /** Sequences answered together. */
    static final int MAX_BATCH = 64;

    private final Recipe recipe;
    private final @Nullable Team team;
    private final Device device;
    private final ModelSource source;
    private final Transformer transformer;
    private final MemoryCheck memory;
    private final Tokenizing tokenizing;
    private final HostCopy weightsCopy = new HostCopy();
    private final HostCopy momentsCopy = new HostCopy();
    private @Nullable Optimizer optimizer;
    private @Nullable Path lastOptimizer;
    private @Nullable Generator generator;

    private Learner(
            Recipe recipe,
            @Nullable Team team,
            Device device,
            ModelSource source,
            Transformer transformer,
            MemoryCheck memory,
            Tokenizing tokenizing) {
        this.recipe = recipe;
        this.team = team;
        this.device = device;
        this.source = source;
        this.transformer = transformer;
        this.memory = memory;
        this.tokenizing = tokenizing;
    }

    /** Opens the recipe's device and its base model there, and has the processes of {@code launch} do the same. */
    static Learner open(Recipe recipe, Launch launch, Output output) {
        Device device = DeviceChoice.open(recipe.device(), output);
        @Nullable ModelSource source = null;
        @Nullable Team team = null;
        try {
            // Last to begin, so that several do not unpack native libraries at once.
            team = launch.team();
            if (team != null) {
                team.begin(RecipeWriter.text(recipe.withDevice(device.name())));
            }
            source = ModelSource.of(recipe.model());
            DType dtype = DtypeChoice.of(recipe.model().dtype(), device, output);
            TransformerOptions options = transformerOptions(recipe, source.config(), dtype);
            MemoryCheck memory = MemoryCheck.of(recipe, source.config(), options, device);
            memory.require(device);
            Transformer transformer;
            try {
                transformer = Transformer.create(device, source.config(), options);
            } catch (DeviceOutOfMemory e) {
                throw memory.tooMuch(e);
            }
            Learner learner = new Learner(
                    recipe, team, device, source, transformer, memory, Tokenizing.of(source, options, output));
            learner.resetToBase();
            if (team != null) {
                team.requireSame(learner.identity());
                output.line("training by " + team.worldSize() + " processes; " + team.exchangeBy(device));
            }
            return learner;
        } catch (RuntimeException e) {
            if (team != null) {
                team.close();
            }
            if (source != null) {
                source.close();
            }
            device.close();
            throw e;
        }
    }

    /** What the recipe takes of the device's memory. */
    MemoryCheck memory() {
        return memory;
    }

    /** What the model's buffers are planned for. */
    static TransformerOptions transformerOptions(Recipe recipe, ModelConfig config, DType dtype) {
        TransformerOptions options = new TransformerOptions(
                        passTokens(recipe), recipe.sft().gradientCheckpointing(), true)
                .withMaxLength(longest(recipe, config))
                .withDtype(dtype);
        LoraConfig lora = lora(recipe);
        return lora == null
                ? options
                : recipe.model().loadIn4bit() ? options.withFourBit(lora) : options.withLora(lora);
    }

    /** Tokens of the longest sequence of a run: one to learn from, or a prompt and its answer. */
    static int longest(Recipe recipe, ModelConfig config) {
        int answer = Math.max(recipe.curate().maxTokens(), recipe.evaluation().maxTokens());
        if (recipe.rl() != null) {
            answer = Math.max(answer, recipe.rl().maxCompletionLength());
        }
        if (recipe.rejectionSampling() != null) {
            answer = Math.max(answer, recipe.rejectionSampling().maxCompletionLength());
        }
        int prompt = Math.max(recipe.sft().maxLength(), recipe.scale().maxLength());
        return Math.min(config.maxPositions(), prompt + answer);
    }

    private static @Nullable LoraConfig lora(Recipe recipe) {
        @Nullable LoraKeys lora = recipe.model().lora();
        return lora == null
                ? null
                : new LoraConfig(
                        lora.r(),
                        lora.loraAlpha(),
                        lora.useRslora(),
                        lora.useDora(),
                        lora.targetModules().isEmpty() ? List.of("all-linear") : lora.targetModules(),
                        recipe.seed());
    }

    /** Tokens of a forward pass: a step's share, and always the longest sequence. */
    private static int passTokens(Recipe recipe) {
        int tokens = 0;
        for (SftKeys sft : new SftKeys[] {recipe.sft(), recipe.scale()}) {
            int part = (sft.tokensPerStep() + sft.gradientAccumulationSteps() - 1) / sft.gradientAccumulationSteps();
            tokens = Math.max(tokens, Math.max(part, sft.maxLength()));
        }
        return Math.max(tokens, MAX_BATCH);
    }

    public Device device() {
        return device;
    }

    @Override
    public Transformer transformer() {
        return transformer;
    }

    @Override
    public ModelSource source() {
        return source;
    }

    /** How pairs become what the model learns from. */
    public Tokenizing tokenizing() {
        return tokenizing;
    }

    /** Tells the model as it is now from how it was before, and from the same weights on another device. */
    String identity() {
        return device.name() + " " + transformer.dtype() + " " + Fingerprint.of(transformer.saved());
    }

    /** Makes the weights those the run started from. */
    public void resetToBase() {
        source.readWeights(transformer, recipe.seed());
    }

    /** A new optimizer without memory, with all the processes that train by it. */
    public TrainingEngine newEngine(OptimizerOptions options) {
        Optimizer fresh = newOptimizer(options);
        return team == null ? new LocalEngine(transformer, fresh) : team.engine(transformer, fresh, options);
    }

    /** Processes that train together. */
    int worldSize() {
        return team == null ? 1 : team.worldSize();
    }

    /** Has another told which signal asked one of the other processes to stop. */
    void onStop(IntConsumer listener) {
        if (team != null) {
            team.onStop(listener);
        }
    }

    @Override
    public Optimizer newOptimizer(OptimizerOptions options) {
        if (optimizer != null) {
            optimizer.close();
        }
        optimizer = new Optimizer(device, transformer.parameters(), options);
        optimizer.clearGradients();
        return optimizer;
    }

    @Override
    public Generator generator() {
        if (generator == null) {
            int longest = longest(recipe, transformer.config());
            generator = new Generator(transformer, GeneratorOptions.of(MAX_BATCH, longest));
        }
        return generator;
    }

    /** Answers prompts, by all the processes that train together. */
    public Completer completer() {
        return team == null ? generator() : team.completer(transformer, generator());
    }

    @Override
    public ModelSolver solver(GenerationProgress progress) {
        return new ModelSolver(completer(), format(), progress);
    }

    /** The model as a Hugging Face folder. */
    public void saveModel(Path folder) throws IOException {
        transformer.save(folder);
        source.copyTokenizer(folder);
    }

    /**
     * What a checkpoint holds of the learner as it now is.
     *
     * @param copied whether from copies in the host's memory: the learner may then go on while they are written, until the
     *     next call
     */
    CheckpointContents contents(boolean copied) {
        Map<String, ? extends TensorValues> weights = values(transformer.saved(), copied ? weightsCopy : null);
        Optimizer current = optimizer;
        Map<String, ? extends TensorValues> moments =
                current == null ? Map.of() : values(TensorValues.of(current.state()), copied ? momentsCopy : null);
        Map<String, String> described = current == null
                ? Map.of()
                : Map.of(
                        UPDATES,
                        Long.toString(current.steps()),
                        OPTIM,
                        current.optim().text());
        Path last = lastOptimizer;
        return checkpoint -> {
            Path folder = checkpoint.resolve(ModelFolder.MODEL);
            transformer.save(folder, weights);
            source.copyTokenizer(folder);
            if (!moments.isEmpty()) {
                SafetensorsWriter.writeValues(checkpoint.resolve(OPTIMIZER), moments, described);
            } else if (last != null && Files.exists(last)) {
                Files.copy(last, checkpoint.resolve(OPTIMIZER));
            }
        };
    }

    private static Map<String, ? extends TensorValues> values(
            Map<String, ? extends TensorValues> values, @Nullable HostCopy copy) {
        return copy == null ? values : copy.of(values);
    }

    /** Goes on from a checkpoint's weights. Until there is an optimizer again, saving hands on the one there. */
    void readWeights(Path checkpoint) {
        lastOptimizer = checkpoint.resolve(OPTIMIZER);
        transformer.readWeights(checkpoint.resolve(ModelFolder.MODEL));
    }

    /**
     * Gives the optimizer the moments of a checkpoint.
     *
     * @throws UserError where those were kept in another way
     */
    void readOptimizer(Path checkpoint) {
        Path file = checkpoint.resolve(OPTIMIZER);
        Optimizer current = Objects.requireNonNull(optimizer);
        Safetensors state = Safetensors.open(file);
        String kept = state.metadata().getOrDefault(OPTIM, Optim.ADAMW.text());
        if (!kept.equals(current.optim().text())) {
            throw new UserError(file + " holds the moments of optim: " + kept + ", but the recipe asks for "
                    + current.optim().text() + "; set optim to " + kept + " to go on from there");
        }
        for (Map.Entry<String, Tensor> moment : current.state().entrySet()) {
            state.read(moment.getKey(), moment.getValue());
        }
        try {
            current.resumeAt(Long.parseLong(state.metadata().getOrDefault(UPDATES, "")));
        } catch (NumberFormatException e) {
            throw new UserError(
                    file
                            + " does not say how many updates it is from; remove this checkpoint to go on from the one before",
                    e);
        }
    }

    /**
     * The model of a folder that {@link #saveModel} wrote: a second transformer, or with adapters the same one and theirs;
     * the caller closes it.
     */
    @Override
    public ReferencePolicy reference(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new CheckpointException(folder + " is missing; it holds the model the KL divergence refers to");
        }
        if (recipe.model().lora() != null) {
            return transformer.withAdapters(folder);
        }
        return Transformer.load(
                device,
                folder,
                transformerOptions(recipe, transformer.config(), transformer.dtype())
                        .still());
    }

    /** {@link #reference} for all the processes that train together; the caller closes it. */
    Reference referenceOf(Path folder) {
        Reference own = Reference.of(reference(folder));
        return team == null ? own : team.reference(folder, own);
    }

    @Override
    public void close() {
        if (team != null) {
            team.close();
        }
        if (generator != null) {
            generator.close();
        }
        if (optimizer != null) {
            optimizer.close();
        }
        weightsCopy.close();
        momentsCopy.close();
        transformer.close();
        source.close();
        device.close();
    }
}
