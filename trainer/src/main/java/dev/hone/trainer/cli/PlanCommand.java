package dev.hone.trainer.cli;

import dev.hone.trainer.model.MemoryPlan;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.recipe.RecipeReader;
import dev.hone.trainer.run.HubSources;
import dev.hone.trainer.run.Output;
import dev.hone.trainer.run.Plan;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
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
        Map<String, Long> bytes = new LinkedHashMap<>();
        bytes.put("weights", plan.weights());
        bytes.put("gradients", plan.gradients());
        bytes.put("optimizer", plan.optimizer());
        bytes.put("activations", plan.activations());
        bytes.put("kv_cache", plan.cache());
        bytes.put("total", plan.total());
        if (json.on) {
            System.out.println(new JsonMapper().writeValueAsString(bytes));
            return;
        }
        bytes.forEach((name, size) -> System.out.printf(
                Locale.ROOT, "%-12s %,10.1f MiB%n", name.replace("kv_cache", "KV cache"), size / (1024.0 * 1024.0)));
    }
}
