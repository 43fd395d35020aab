package dev.hone.trainer.recipe;

import java.util.List;

/** Low-rank adapters; names are PEFT's. */
public record LoraKeys(
        @Key(value = "Rank of the adapters.", fallback = "16", min = 1)
        int r,

        @Key(value = "The adapters' output is scaled by this over the rank.", fallback = "32.0", min = 0)
        double loraAlpha,

        @Key(value = "Scale by the rank's square root instead.", fallback = "false")
        boolean useRslora,

        @Key(value = "Learn the length of each row of a weight beside its direction (DoRA).", fallback = "false")
        boolean useDora,

        @Key("Modules with an adapter, by the last part of their names, as `q_proj`; left out, or `all-linear`: every"
                + " linear one but the classifier.")
        List<String> targetModules) {}
