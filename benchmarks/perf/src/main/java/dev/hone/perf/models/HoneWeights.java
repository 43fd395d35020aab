package dev.hone.perf.models;

import dev.hone.trainer.model.Parameters;
import dev.hone.trainer.model.Weight;

/** The weights of hone's side. */
public final class HoneWeights {

    private HoneWeights() {}

    /** Draws every weight of a model. */
    public static void draw(Parameters parameters) {
        parameters.named().forEach((name, weight) -> {
            Weight flat = weight.flat();
            Numbers.weight(
                    name,
                    flat.size(),
                    (from, numbers) -> flat.rows(from, from + numbers.length).write(numbers));
        });
        parameters.changed();
    }
}
