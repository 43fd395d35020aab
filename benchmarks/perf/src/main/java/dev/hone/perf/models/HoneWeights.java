package dev.hone.perf.models;

import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import dev.hone.trainer.model.Parameters;

/** The weights of hone's side. */
public final class HoneWeights {

    private HoneWeights() {}

    /** Draws every weight of a model. */
    public static void draw(Device device, Parameters parameters) {
        parameters.named().forEach((name, weight) -> {
            Tensor flat = weight.reshape(weight.size());
            Numbers.weight(
                    name,
                    flat.size(),
                    (from, numbers) -> device.write(numbers, flat.rows(from, from + numbers.length)));
        });
        parameters.changed();
    }
}
