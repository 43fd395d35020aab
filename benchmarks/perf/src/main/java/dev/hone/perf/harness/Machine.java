package dev.hone.perf.harness;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where a run took place.
 *
 * @param load the system's load average over the last minute
 */
public record Machine(String processor, int processors, long memory, String os, String java, double load) {

    public static Machine here() {
        var os = ManagementFactory.getOperatingSystemMXBean();
        return new Machine(
                field("/proc/cpuinfo", "model name").orElse(os.getArch()),
                os.getAvailableProcessors(),
                field("/proc/meminfo", "MemTotal")
                        .map(text -> Long.parseLong(text.replaceAll("\\D", "")) * 1024)
                        .orElse(0L),
                os.getName() + " " + os.getVersion(),
                Runtime.version().toString(),
                os.getSystemLoadAverage());
    }

    private static Optional<String> field(String file, String key) {
        try (Stream<String> lines = Files.lines(Path.of(file))) {
            return lines.filter(line -> line.startsWith(key))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
