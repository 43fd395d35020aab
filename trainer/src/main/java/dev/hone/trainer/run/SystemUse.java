package dev.hone.trainer.run;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What this process takes of the machine, and what NVIDIA's GPUs do where there are any. */
final class SystemUse {

    private static final int GPU_SECONDS = 3;

    private final Path run;
    private boolean hasGpus = true;

    SystemUse(Path run) {
        this.run = run;
    }

    /**
     * {@code rss_bytes}, {@code heap_bytes}, {@code memory_available_bytes}, {@code disk_free_bytes}; {@code cpu_cores},
     * how many processors it keeps busy; {@code gpus}, each with {@code utilization} (0 to 1), {@code memory_used_bytes},
     * {@code memory_total_bytes}, {@code watts} and {@code celsius}. What cannot be told is left out.
     */
    Map<String, Object> sample() {
        Map<String, Object> sample = new LinkedHashMap<>();
        kib(Path.of("/proc/self/status"), "VmRSS:").ifPresent(bytes -> sample.put("rss_bytes", bytes));
        Runtime runtime = Runtime.getRuntime();
        sample.put("heap_bytes", runtime.totalMemory() - runtime.freeMemory());
        kib(Path.of("/proc/meminfo"), "MemAvailable:").ifPresent(bytes -> sample.put("memory_available_bytes", bytes));
        long free = run.toFile().getUsableSpace();
        if (free > 0) {
            sample.put("disk_free_bytes", free);
        }
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            double load = system.getProcessCpuLoad();
            if (load >= 0) {
                sample.put("cpu_cores", Math.round(load * system.getAvailableProcessors() * 100) / 100.0);
            }
        }
        List<Map<String, Object>> gpus = gpus();
        if (!gpus.isEmpty()) {
            sample.put("gpus", gpus);
        }
        return sample;
    }

    private static OptionalLong kib(Path file, String name) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(name))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /** Asks nvidia-smi; where that fails there is none, and it is not asked again. */
    private List<Map<String, Object>> gpus() {
        if (!hasGpus) {
            return List.of();
        }
        try {
            Process process = new ProcessBuilder(
                            "nvidia-smi",
                            "--query-gpu=index,utilization.gpu,memory.used,memory.total,power.draw,temperature.gpu",
                            "--format=csv,noheader,nounits")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().close();
            if (process.waitFor(GPU_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0) {
                return gpus(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            }
            process.destroyForcibly();
        } catch (IOException e) {
            // There is no such program.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        hasGpus = false;
        return List.of();
    }

    /** @param csv a line for each GPU, of the figures asked for; {@code [N/A]} where one is not known */
    static List<Map<String, Object>> gpus(String csv) {
        List<Map<String, Object>> gpus = new ArrayList<>();
        csv.lines().filter(line -> !line.isBlank()).forEach(line -> {
            String[] figures = line.split(",", -1);
            Map<String, Object> gpu = new LinkedHashMap<>();
            put(gpu, "index", figures, 0, 1);
            put(gpu, "utilization", figures, 1, 0.01);
            put(gpu, "memory_used_bytes", figures, 2, 1 << 20);
            put(gpu, "memory_total_bytes", figures, 3, 1 << 20);
            put(gpu, "watts", figures, 4, 1);
            put(gpu, "celsius", figures, 5, 1);
            gpus.add(gpu);
        });
        return gpus;
    }

    private static void put(Map<String, Object> gpu, String name, String[] figures, int column, double unit) {
        if (column < figures.length && figures[column].trim().matches("\\d+(\\.\\d+)?")) {
            double value = Double.parseDouble(figures[column].trim()) * unit;
            if (unit >= 1 && value == Math.rint(value)) {
                gpu.put(name, Math.round(value));
            } else {
                gpu.put(name, value);
            }
        }
    }
}
