package dev.hone.trainer.run;

import dev.hone.datasets.UserError;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.DeviceOutOfMemory;
import dev.hone.trainer.model.MemoryPlan;
import dev.hone.trainer.model.ModelConfig;
import dev.hone.trainer.model.TransformerOptions;
import dev.hone.trainer.recipe.Recipe;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * What a recipe takes of its device's memory, beside what there is: asked before anything is taken, so that a run does not
 * fail for want of it in its middle.
 *
 * @param reference of the model that preferences or the KL divergence refer to, where it is a second one
 */
record MemoryCheck(Recipe recipe, TransformerOptions options, MemoryPlan plan, long reference) {

    /** Beside what is planned: the logits of what is generated, and the kernels' scratch. */
    private static final long BESIDE = 256L << 20;

    static MemoryCheck of(Recipe recipe, ModelConfig config, TransformerOptions options, Device device) {
        boolean refers =
                recipe.dpo() != null || (recipe.rl() != null && recipe.rl().beta() > 0);
        return new MemoryCheck(
                recipe,
                options,
                Plan.of(recipe, config, options, device),
                refers && options.lora() == null
                        ? MemoryPlan.of(config, options.still(), 0, device).total()
                        : 0);
    }

    /** @throws UserError where the device has less free, as far as it knows */
    void require(Device device) {
        long free = device.freeMemory();
        if (total() + BESIDE > free) {
            throw tooMuch("the " + device.name() + " device has " + size(free) + " free");
        }
    }

    /** Where something could not be had after all. */
    UserError tooMuch(DeviceOutOfMemory failure) {
        return tooMuch(String.valueOf(failure.getMessage()).replaceFirst("^The ", "the "));
    }

    /** @param fault what there is instead, as a part of a sentence */
    UserError tooMuch(String fault) {
        return new UserError("The recipe takes " + size(total()) + " of memory, but " + fault + ": weights "
                + size(plan.weights()) + ", gradients " + size(plan.gradients()) + ", optimizer "
                + size(plan.optimizer()) + ", activations " + size(plan.activations()) + ", KV cache "
                + size(plan.cache()) + (reference == 0 ? "" : ", reference model " + size(reference))
                + "; what shrinks it: " + String.join(", ", remedies()));
    }

    private long total() {
        return plan.total() + reference;
    }

    private record Remedy(long part, String words) {}

    /** What the recipe does not do yet, that of the largest part first. */
    private List<String> remedies() {
        List<Remedy> remedies = new ArrayList<>();
        if (options.lora() == null) {
            remedies.add(new Remedy(
                    plan.gradients() + plan.optimizer() + reference, "model.lora (gradients and optimizer)"));
        } else if (!options.fourBit()) {
            remedies.add(new Remedy(plan.weights(), "model.load_in_4bit: true (weights)"));
        }
        if (!Plan.eightBitMoments(recipe)) {
            remedies.add(new Remedy(plan.optimizer() / 4 * 3, "sft.optim: adamw_8bit (optimizer)"));
        }
        if (options.dtype() == DType.F32) {
            remedies.add(
                    new Remedy(plan.activations() + plan.cache(), "model.dtype: bfloat16 (activations and KV cache)"));
        }
        if (!options.recompute()) {
            remedies.add(new Remedy(plan.activations(), "sft.gradient_checkpointing: true (activations)"));
        }
        remedies.add(new Remedy(
                plan.activations(),
                "a lower sft.tokens_per_step or a higher sft.gradient_accumulation_steps (activations)"));
        remedies.add(new Remedy(
                plan.cache(), "a lower sft.max_length, curate.max_tokens or evaluation.max_tokens (KV cache)"));
        return remedies.stream()
                .sorted(Comparator.comparingLong(Remedy::part).reversed())
                .map(Remedy::words)
                .toList();
    }

    private static String size(long bytes) {
        return String.format(Locale.ROOT, "%.2f GiB", bytes / (double) (1L << 30));
    }
}
