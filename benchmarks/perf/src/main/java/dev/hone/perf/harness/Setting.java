package dev.hone.perf.harness;

import java.util.List;
import java.util.Map;

/**
 * Environment variables of a side's process.
 *
 * @param name for the results
 */
public record Setting(String name, Map<String, String> environment) {

    public static final Setting NONE = new Setting("", Map.of());

    /**
     * Those libtorch is tried under: what is fastest depends on the work. As it comes, its OpenMP threads and OpenBLAS's
     * own spin against one another, and a step takes thirty times as long as under any of these.
     *
     * @param blas a library to use in place of OpenBLAS, or empty
     */
    public static List<Setting> ofLibtorch(String blas) {
        if (!blas.isEmpty()) {
            return List.of(new Setting(
                    blas, Map.of("LD_PRELOAD", blas, "MKL_THREADING_LAYER", "GNU", "MKL_INTERFACE_LAYER", "LP64")));
        }
        return List.of(
                new Setting("OpenMP waits passively", Map.of("OMP_WAIT_POLICY", "PASSIVE")),
                new Setting(
                        "OpenMP and OpenBLAS wait passively",
                        Map.of("OMP_WAIT_POLICY", "PASSIVE", "OPENBLAS_THREAD_TIMEOUT", "4")),
                new Setting("OpenBLAS has one thread", Map.of("OPENBLAS_NUM_THREADS", "1")));
    }
}
