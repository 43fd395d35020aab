package dev.hone.trainer.cli;

import dev.hone.trainer.distributed.Launch;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.recipe.RecipeReader;
import dev.hone.trainer.run.ResumeOptions;
import dev.hone.trainer.run.RunDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "quickstart",
        description = "Takes a tiny model through the whole method in minutes: curation, a math and a logic domain,"
                + " both together, reinforcement, and evaluation after each.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {"  hone quickstart", "  hone quickstart --json > summary.json"})
final class QuickstartCommand implements Runnable {

    @Option(
            names = "--output-dir",
            paramLabel = "DIR",
            description = "The run's directory. Default: ${DEFAULT-VALUE}. A finished run there is replaced, an"
                    + " unfinished one goes on.")
    private Path outputDir = Path.of("runs", "quickstart");

    @Option(names = "--seed", paramLabel = "N", description = "Another seed than the recipe's.")
    private @Nullable Long seed;

    @Mixin
    private final DeviceOption device = new DeviceOption();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Override
    public void run() {
        Recipe recipe = RecipeReader.read(root().resolve("recipes/quickstart/quickstart.yaml"));
        RunDirectory directory = new RunDirectory(outputDir);
        if (Files.exists(directory.recipe()) && !directory.isComplete()) {
            RunCommands.resume(directory, new ResumeOptions(device.name, null, List.of(), false), Launch.ALONE, json);
            return;
        }
        RunCommands.start(
                recipe.withDevice(device.orElse(recipe.device())).withSeed(seed == null ? recipe.seed() : seed),
                directory,
                true,
                Launch.ALONE,
                json);
    }

    /** Where hone lies; the launcher says it. */
    private static Path root() {
        return Path.of(System.getProperty("hone.root", ""));
    }
}
