package dev.hone.kernels.nd4j;

import dev.hone.kernels.Gpu;
import dev.hone.kernels.Nvidia;
import java.util.List;

/**
 * ND4J's CUDA backend, nd4j-cuda-11.6 1.0.0-M2.1, where the Maven profile nd4j-cuda put it on the class path. Its library
 * holds machine code for compute capability 3.7 to 8.6, which 8.7 and 8.9 run too, and no PTX.
 */
final class Nd4jCuda {

    private static final String BACKEND = "org.nd4j.linalg.jcublas.JCublasBackend";

    private Nd4jCuda() {}

    /**
     * Whether ND4J will compute on a GPU; asks the driver and starts nothing of ND4J.
     *
     * @throws IllegalStateException where it has no code for that GPU, in one sentence that says what has
     */
    static boolean takesOver() {
        List<Gpu> gpus = isOnClassPath() ? Nvidia.listGpus() : List.of();
        gpus.stream().findFirst().ifPresent(Nd4jCuda::require);
        return !gpus.isEmpty();
    }

    static void require(Gpu gpu) {
        if (!gpu.isAtLeast("3.7") || gpu.isAtLeast("9.0")) {
            throw new IllegalStateException(
                    "nd4j-cuda-11.6 has code for GPUs of compute capability 3.7 to 8.9 and none for "
                            + gpu.name() + ", of " + gpu.capability()
                            + ": take the cuda device (docs/cuda.md), or build without the"
                            + " profile nd4j-cuda to have ND4J compute on the processor");
        }
    }

    private static boolean isOnClassPath() {
        return Nd4jCuda.class.getClassLoader().getResource(BACKEND.replace('.', '/') + ".class") != null;
    }
}
