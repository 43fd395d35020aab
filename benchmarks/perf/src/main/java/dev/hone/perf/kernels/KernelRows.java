package dev.hone.perf.kernels;

import dev.hone.perf.harness.Row;
import dev.hone.perf.models.ModelSize;
import java.util.ArrayList;
import java.util.List;

/** The rows of {@code ./hone bench kernels}. Products are those of gate and up. */
public final class KernelRows {

    private static final List<String> KERNELS = List.of(
            "matmul forward",
            "matmul backward",
            "attention forward",
            "attention backward",
            "linear and cross-entropy",
            "rmsnorm forward",
            "rmsnorm backward",
            "rope",
            "swiglu forward",
            "swiglu backward",
            "embedding forward",
            "embedding backward",
            "global norm",
            "adamw");

    private static final List<KernelShape> SHAPES =
            List.of(new KernelShape(ModelSize.M1, 4, 64), new KernelShape(ModelSize.M110, 2, 256));

    /** libtorch sums a norm's squares in float32, one after another. */
    private static final double NORM_TOLERANCE = 1e-3;

    private KernelRows() {}

    public static List<Row> all() {
        List<Row> rows = new ArrayList<>();
        for (KernelShape shape : SHAPES) {
            for (String kernel : KERNELS) {
                rows.add(new Row(
                        "kernels/" + kernel + ", " + shape,
                        0,
                        0,
                        false,
                        kernel.equals("global norm") ? NORM_TOLERANCE : Row.TOLERANCE,
                        () -> HoneKernels.open(kernel, shape),
                        () -> TorchKernels.open(kernel, shape)));
            }
        }
        return rows;
    }
}
