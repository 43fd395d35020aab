package dev.hone.trainer.cli;

import dev.hone.trainer.model.MemoryPlan;
import dev.hone.trainer.recipe.RecipeReader;
import dev.hone.trainer.run.HubSources;
import dev.hone.trainer.run.Output;
import dev.hone.trainer.run.Plan;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "plan",
        description = "Says what a recipe takes of its device's memory, before anything is loaded.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {"  hone plan recipes/gsm8k/sft.yaml"})
final class PlanCommand implements Runnable {

    @Parameters(paramLabel = "RECIPE", description = "The recipe.")
    private Path recipe = Path.of("");

    @Override
    public void run() {
        Output output = Output.standard();
        MemoryPlan plan = Plan.of(HubSources.fetched(RecipeReader.read(recipe), output), output);
        line("weights", plan.weights());
        line("gradients", plan.gradients());
        line("optimizer", plan.optimizer());
        line("activations", plan.activations());
        line("KV cache", plan.cache());
        line("total", plan.total());
    }

    private static void line(String name, long bytes) {
        System.out.printf(Locale.ROOT, "%-12s %,10.1f MiB%n", name, bytes / (1024.0 * 1024.0));
    }
}
