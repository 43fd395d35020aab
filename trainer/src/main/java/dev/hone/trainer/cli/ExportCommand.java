package dev.hone.trainer.cli;

import dev.hone.trainer.run.Export;
import dev.hone.trainer.run.Output;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "export",
        description =
                "Writes a model for others: a folder that transformers and vLLM load as it is, or adapters for PEFT.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone export runs/quickstart --to my-model",
            "  hone export runs/lora --merge --dtype bfloat16 --to my-model"
        })
final class ExportCommand implements Runnable {

    @Mixin
    private final ModelArgument model = new ModelArgument();

    @Option(names = "--to", required = true, paramLabel = "DIR", description = "The directory to make.")
    private Path to = Path.of("");

    @Option(names = "--merge", description = "Add adapters to the weights of their model, and write that.")
    private boolean merge;

    @Option(
            names = "--dtype",
            paramLabel = "NAME",
            description = "float32, bfloat16 or float16. Default: what the files read have.")
    private @Nullable String dtype;

    @Mixin
    private final DeviceOption device = new DeviceOption();

    @Override
    public void run() {
        Output output = Output.standard();
        Export.write(model.folder(output), merge, dtype, to, device.orElse("auto"), output);
    }
}
