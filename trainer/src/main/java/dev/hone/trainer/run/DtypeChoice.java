package dev.hone.trainer.run;

import dev.hone.datasets.UserError;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;

/** The type of weights and activations that a recipe or the command line asks for, named as PyTorch names it. */
public final class DtypeChoice {

    private DtypeChoice() {}

    /** The type that {@code auto} means on a device: bfloat16 where its matrix units are made for that. */
    public static String usual(String device) {
        return device.equals("cuda") ? "bfloat16" : "float32";
    }

    /**
     * @param name auto, float32 or bfloat16
     * @throws UserError where it is none of these
     */
    static DType of(String name, Device device, Output output) {
        String chosen = name.equals("auto") ? usual(device.name()) : name;
        DType dtype =
                switch (chosen) {
                    case "float32" -> DType.F32;
                    case "bfloat16" -> DType.BF16;
                    default -> throw new UserError("dtype is '" + name + "' but must be auto, float32 or bfloat16");
                };
        output.line("dtype: " + chosen + (name.equals("auto") ? " (usual on " + device.name() + ")" : " (as asked)"));
        return dtype;
    }
}
