package dev.hone.trainer.cli;

import dev.hone.trainer.model.MemoryPlan;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.recipe.RecipeReader;
import dev.hone.trainer.run.HubSources;
import dev.hone.trainer.run.Output;
import dev.hone.trainer.run.Plan;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "plan",
        description = "Says what a recipe takes of its device's memory, before anything is loaded.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone plan recipes/gsm8k/sft.yaml",
            "  hone plan my.yaml --set sft.gradient_checkpointing=true --set sft.optim=adamw_8bit"
        })
final class PlanCommand implements Runnable {

    @Parameters(paramLabel = "RECIPE", description = "A recipe in YAML.")
    private Path recipe = Path.of("");

    @Mixin
    private final SetOption set = new SetOption();

    @Mixin
    private final DeviceOption device = new DeviceOption();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Override
    public void run() {
        Output output = Output.standard();
        Recipe read = RecipeReader.read(recipe, set.changes);
        MemoryPlan plan = Plan.of(HubSources.fetched(read.withDevice(device.orElse(read.device())), output), output);
        System.out.print(
                json.on ? new JsonMapper().writeValueAsString(MemoryTable.bytes(plan)) + "\n" : MemoryTable.text(plan));
    }
}
