package dev.hone.trainer.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The most memory this process ever held. */
public final class PeakMemory {

    private PeakMemory() {}

    /** Peak resident bytes by /proc (VmHWM); where there is none, what the heap holds now. */
    public static long bytes() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElseGet(PeakMemory::heap);
        } catch (IOException e) {
            return heap();
        }
    }

    private static long heap() {
        return Runtime.getRuntime().totalMemory();
    }
}
