package dev.hone.trainer.cli;

import dev.hone.trainer.distributed.Launch;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.recipe.RecipeReader;
import dev.hone.trainer.run.HubSources;
import dev.hone.trainer.run.Output;
import dev.hone.trainer.run.RunDirectory;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "train",
        description = "Runs a recipe: fine-tuning on its data, or the whole method on its domains.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone train recipes/gsm8k/sft.yaml",
            "  hone train my.yaml --output-dir runs/second --device cpu",
            "  hone train my.yaml --dry-run                             # what would be refused, counts, memory",
            "  hone train my.yaml --set sft.learning_rate=2e-5 --set seed=2",
            "  hone train my.yaml --processes 2                         # two processes on this machine",
            "  torchrun --nnodes 2 --nproc-per-node 4 ... --no-python hone train my.yaml    # on several machines",
            "",
            "docs/recipes.md lists every key of a recipe. A run that was stopped goes on with `hone resume`."
        })
final class TrainCommand implements Runnable {

    @Parameters(paramLabel = "RECIPE", description = "A recipe in YAML.")
    private Path recipe = Path.of("");

    @Option(names = "--output-dir", paramLabel = "DIR", description = "The run's directory instead of the recipe's.")
    private @Nullable Path outputDir;

    @Option(names = "--overwrite", description = "Delete the run that is in the directory first.")
    private boolean overwrite;

    @Option(names = "--strict", description = "Stop at the first malformed row instead of setting it aside.")
    private boolean strict;

    @Option(
            names = "--dry-run",
            description = "Open and count the data, plan the memory, and end before anything is computed or written.")
    private boolean dryRun;

    @Mixin
    private final SetOption set = new SetOption();

    @Mixin
    private final DeviceOption device = new DeviceOption();

    @Mixin
    private final ProcessesOption processes = new ProcessesOption();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Override
    public void run() {
        if (dryRun) {
            Recipe read = read();
            TrainDryRun.run(read, directory(read), overwrite, strict, json);
        } else {
            processes.run(this::lead);
        }
    }

    private void lead(Launch launch) {
        Recipe read = read();
        RunDirectory directory = directory(read);
        RunCommands.start(
                read.settingAside(strict ? null : directory.malformed().toAbsolutePath()),
                directory,
                overwrite,
                launch,
                json);
    }

    /** With what is on the Hub fetched first: rows of files there are set aside like those of other files. */
    private Recipe read() {
        Recipe read = RecipeReader.read(recipe, set.changes);
        return HubSources.fetched(read.withDevice(device.orElse(read.device())), Output.standard());
    }

    private RunDirectory directory(Recipe read) {
        if (outputDir != null) {
            return new RunDirectory(outputDir);
        }
        String name = recipe.getFileName().toString().replaceFirst("\\.ya?ml$", "");
        return new RunDirectory(read.outputDir() == null ? Path.of("runs", name) : Path.of(read.outputDir()));
    }
}
