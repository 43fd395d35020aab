package dev.hone.perf.gpu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/** What nvidia-smi says of the first GPU's memory, the processes' contexts included. */
final class GpuMemory {

    private static final long MIB = 1 << 20;

    private GpuMemory() {}

    /** Bytes taken; empty where there is no nvidia-smi. */
    static OptionalLong used() {
        return query("memory.used");
    }

    /** Bytes not taken; empty where there is no nvidia-smi. */
    static OptionalLong free() {
        return query("memory.free");
    }

    private static OptionalLong query(String what) {
        try {
            Process process = new ProcessBuilder(
                            "nvidia-smi", "--id=0", "--query-gpu=" + what, "--format=csv,noheader,nounits")
                    .start();
            String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return OptionalLong.of(Long.parseLong(answer) * MIB);
        } catch (IOException | NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
