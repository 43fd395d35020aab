package dev.hone.trainer.run;

import dev.hone.datasets.UserError;
import dev.hone.kernels.Device;
import dev.hone.kernels.DeviceOutOfMemory;
import dev.hone.trainer.generate.GenerationProgress;
import dev.hone.trainer.generate.Generator;
import dev.hone.trainer.generate.GeneratorOptions;
import dev.hone.trainer.generate.ModelSolver;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.model.TransformerOptions;
import java.nio.file.Path;

/** A model that only answers. */
public final class Inference implements AskedModel, AutoCloseable {

    private static final int MAX_BATCH = 64;
    private static final int PASS_TOKENS = 2048;

    private final Device device;
    private final ModelSource source;
    private final Transformer transformer;
    private final Generator generator;

    private Inference(Device device, ModelSource source, Transformer transformer, Generator generator) {
        this.device = device;
        this.source = source;
        this.transformer = transformer;
        this.generator = generator;
    }

    /**
     * Opens a model.
     *
     * @param model a folder, a checkpoint or a run; see {@link ModelFolder}
     * @param chat how it reads pairs
     * @param dtype auto, float32 or bfloat16
     * @param longest tokens of a prompt and its completion, at most
     */
    public static Inference open(Path model, ChatUse chat, String device, String dtype, int longest, Output output) {
        ModelSource source = ModelSource.of(model, chat);
        Device opened = DeviceChoice.open(device, output);
        int positions = Math.min(source.config().maxPositions(), longest);
        TransformerOptions options = TransformerOptions.inference(PASS_TOKENS)
                .withMaxLength(positions)
                .withDtype(DtypeChoice.of(dtype, opened, output));
        try {
            return open(source, opened, options);
        } catch (DeviceOutOfMemory e) {
            throw new UserError(
                    e.getMessage() + "; " + MAX_BATCH + " answers of up to " + positions
                            + " tokens do not fit beside the model: lower --max-tokens, or take a smaller model",
                    e);
        }
    }

    private static Inference open(ModelSource source, Device device, TransformerOptions options) {
        Transformer transformer = Transformer.create(device, source.config(), options);
        source.readWeights(transformer, 0);
        Generator generator = new Generator(transformer, GeneratorOptions.of(MAX_BATCH, options.maxLength()));
        return new Inference(device, source, transformer, generator);
    }

    @Override
    public Transformer transformer() {
        return transformer;
    }

    @Override
    public ModelSource source() {
        return source;
    }

    public Generator generator() {
        return generator;
    }

    @Override
    public ModelSolver solver(GenerationProgress progress) {
        return new ModelSolver(generator, format(), progress);
    }

    @Override
    public void close() {
        generator.close();
        transformer.close();
        source.close();
        device.close();
    }
}
