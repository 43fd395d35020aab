package dev.hone.trainer.cli;

import dev.hone.trainer.run.RunDirectory;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "resume",
        description =
                "Goes on with a run from its newest sound checkpoint: with the same bits as if it had never stopped.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {"  hone resume runs/quickstart"})
final class ResumeCommand implements Runnable {

    @Parameters(paramLabel = "RUN", description = "A run's directory.")
    private Path run = Path.of("");

    @Mixin
    private final DeviceOption device = new DeviceOption();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Override
    public void run() {
        RunCommands.resume(RunDirectory.existing(run), device.name, json);
    }
}
