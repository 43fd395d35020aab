package dev.hone.trainer.recipe;

import java.util.List;

/** A way to make a domain's dataset of what curation found: how hard, how much, how much of which source. */
public record MixtureKeys(
        @Key("What it is called in events and reports.") String name,

        @Key(value = "Pairs solved less often are left out.", fallback = "0.0", min = 0, max = 1)
        double minPassRate,

        @Key(value = "Pairs solved more often are left out.", fallback = "1.0", min = 0, max = 1)
        double maxPassRate,

        @Key(value = "Share of the pairs taken.", fallback = "1.0", min = 0, max = 1)
        double share,

        @Key(
                value =
                        "A weight for each source in `candidates`, in their order: the heaviest is taken whole, the others"
                                + " in proportion; left out: all whole.",
                min = 0)
        List<Double> sourceWeights) {}
