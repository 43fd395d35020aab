package dev.hone.trainer.cli;

import dev.hone.trainer.run.ChatUse;
import dev.hone.trainer.run.Inference;
import dev.hone.trainer.run.Output;
import dev.hone.trainer.serve.ServedModel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The model to talk with, the same for every command that holds conversations. */
final class ServingArguments {

    @Mixin
    private final ModelArgument model = new ModelArgument();

    @Option(
            names = "--chat-template",
            paramLabel = "FILE",
            description = "A chat template. Default: the model's own, or the plain form of pairs.")
    private @Nullable Path template;

    @Option(
            names = "--max-length",
            paramLabel = "N",
            defaultValue = "2048",
            description = "Tokens of a prompt and its completion, at most. Default: ${DEFAULT-VALUE}.")
    private int maxLength;

    @Mixin
    private final DeviceOption device = new DeviceOption();

    @Mixin
    private final DtypeOption dtype = new DtypeOption();

    /** A model that is ready to be talked with. */
    record Opened(Inference inference, ServedModel served) implements AutoCloseable {
        @Override
        public void close() {
            inference.close();
        }
    }

    /** @param name what it is called; null takes the last part of what the user wrote */
    Opened open(@Nullable String name, Output output) {
        Path folder = model.folder(output);
        String last = model.given().toAbsolutePath().normalize().getFileName().toString();
        Inference inference =
                Inference.open(folder, ChatUse.AUTO, device.orElse("auto"), dtype.orElse("auto"), maxLength, output);
        return new Opened(
                inference,
                ServedModel.of(
                        name == null ? last : name,
                        inference.source().textFolder(),
                        inference.tokenizer(),
                        template,
                        maxLength));
    }
}
