package dev.hone.trainer.cli;

import dev.hone.checkpoints.ObjectStorage;
import dev.hone.trainer.distributed.Launch;
import dev.hone.trainer.run.Output;
import dev.hone.trainer.run.ResumeOptions;
import dev.hone.trainer.run.RunDirectory;
import dev.hone.trainer.run.RunStorage;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "resume",
        description =
                "Goes on with a run from its newest sound checkpoint: with the same bits as if it had never stopped.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone resume runs/quickstart                              # go on where it stopped",
            "  hone resume runs/quickstart --from 200                   # go on from step 200 another way",
            "  hone resume runs/quickstart --set sft.learning_rate=1e-4 --set checkpoint.save_steps=50",
            "  hone resume runs/quickstart --device nd4j                # go on on another device",
            "  hone resume runs/first --processes 4                     # go on by four processes",
            "  hone resume s3://bucket/runs/first --output-dir runs/first   # go on on another machine",
            "",
            "`hone checkpoints RUN` lists the steps there are.",
            "",
            "Exit codes: 0 done, 1 a fault in hone, 2 something to put right, 129, 130 or 143 stopped by a signal and saved,"
                    + " 3 ended by a second signal or after checkpoint.stop_timeout, 4 hung and ended, 5 another process of"
                    + " the training was lost."
        })
final class ResumeCommand implements Runnable {

    @Parameters(
            paramLabel = "RUN",
            description = "A run's directory, or where its recipe stores it, as s3://bucket/run.")
    private String run = "";

    @Option(
            names = "--output-dir",
            paramLabel = "DIR",
            description =
                    "Where a run in object storage is fetched to. Default: runs/ and the last part of its address.")
    private @Nullable Path outputDir;

    @Option(
            names = "--from",
            paramLabel = "STEP",
            description = "Go on from the checkpoint of this step; later ones are set aside.")
    private @Nullable Long from;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description =
                    "Change a key of the run's recipe from here on, as sft.learning_rate=1e-4; the run records it."
                            + " May be given again.")
    private List<String> set = List.of();

    @Option(names = "--retry", description = "Go on although the run crashed again and again where it stands.")
    private boolean retry;

    @Mixin
    private final DeviceOption device = new DeviceOption();

    @Mixin
    private final ProcessesOption processes = new ProcessesOption();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Override
    public void run() {
        processes.run(this::lead);
    }

    private void lead(Launch launch) {
        RunDirectory directory = ObjectStorage.isAddress(run)
                ? RunStorage.fetch(run, outputDir != null ? outputDir : directory(run), Output.standard())
                : RunDirectory.existing(Path.of(run));
        RunCommands.resume(directory, new ResumeOptions(device.name, from, set, retry), launch, json);
    }

    private static Path directory(String address) {
        String path = address.replaceAll("/+$", "");
        return Path.of("runs", path.substring(path.lastIndexOf('/') + 1));
    }
}
