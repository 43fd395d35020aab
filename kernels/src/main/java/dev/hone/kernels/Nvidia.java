package dev.hone.kernels;

import dev.hone.kernels.nativ.NvidiaDriver;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What this machine has of NVIDIA's. Looking starts nothing on a GPU, and where there is no driver it loads nothing.
 *
 * @param driver the driver's version: "580.65.06"; null where it does not say
 * @param cuda the newest CUDA that the driver runs: "13.0"; null where it does not say
 * @param gpus those that CUDA_VISIBLE_DEVICES shows
 * @param fault one sentence why there are none; null where there are
 * @param toolkit the CUDA toolkit's compiler and its version; null where none is found
 * @param libraries what is opened at run time, and its file, or the names that were not found; empty where there is no GPU
 */
public record Nvidia(
        @Nullable String driver,
        @Nullable String cuda,
        List<Gpu> gpus,
        @Nullable String fault,
        @Nullable String toolkit,
        Map<String, String> libraries) {

    private static final Path DRIVER_VERSION = Path.of("/proc/driver/nvidia/version");
    private static final Pattern VERSION = Pattern.compile("\\b\\d{3,}\\.\\d+(\\.\\d+)?\\b");
    private static final Pattern RELEASE = Pattern.compile("release ([0-9.]+)");
    private static final Pattern SMI_ROW = Pattern.compile("(.+), (\\d+\\.\\d+), (\\d+)");
    private static final int SECONDS = 10;

    public static Nvidia look() {
        NvidiaDriver.Listing listing = null;
        String fault = null;
        try {
            listing = NvidiaDriver.isBuilt() ? NvidiaDriver.list() : smi();
        } catch (IOException e) {
            fault = e.getMessage();
        }
        return new Nvidia(
                driverVersion(),
                listing == null ? null : listing.cuda(),
                listing == null ? List.of() : listing.gpus(),
                fault,
                findToolkit(),
                listing == null ? Map.of() : findLibraries());
    }

    /** The GPUs; none where they cannot be listed. */
    public static List<Gpu> listGpus() {
        try {
            return (NvidiaDriver.isBuilt() ? NvidiaDriver.list() : smi()).gpus();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static @Nullable String driverVersion() {
        try {
            Matcher version = VERSION.matcher(Files.readString(DRIVER_VERSION));
            return version.find() ? version.group() : null;
        } catch (IOException e) {
            return null;
        }
    }

    /** For a build without native libraries. */
    private static NvidiaDriver.Listing smi() throws IOException {
        String rows =
                output("nvidia-smi", "--query-gpu=name,compute_cap,memory.total", "--format=csv,noheader,nounits");
        if (rows == null) {
            throw new IOException("there is no NVIDIA driver: nvidia-smi is not found or does not work");
        }
        List<Gpu> gpus = new ArrayList<>();
        for (String row : rows.strip().split("\n")) {
            Matcher fields = SMI_ROW.matcher(row.strip());
            if (fields.matches()) {
                gpus.add(new Gpu(fields.group(1), fields.group(2), Long.parseLong(fields.group(3)) << 20));
            }
        }
        if (gpus.isEmpty()) {
            throw new IOException("the NVIDIA driver lists no GPU");
        }
        return new NvidiaDriver.Listing(null, gpus);
    }

    private static @Nullable String findToolkit() {
        List<String> places = new ArrayList<>();
        String home = System.getenv("CUDA_HOME");
        if (home != null && !home.isBlank()) {
            places.add(home + "/bin");
        }
        places.add("/usr/local/cuda/bin");
        places.addAll(List.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)));
        for (String place : places) {
            Path nvcc = Path.of(place, "nvcc");
            if (Files.isExecutable(nvcc)) {
                String says = output(nvcc.toString(), "--version");
                Matcher release = RELEASE.matcher(says == null ? "" : says);
                return release.find() ? nvcc + " of CUDA " + release.group(1) : nvcc + ", which does not run";
            }
        }
        return null;
    }

    private static Map<String, String> findLibraries() {
        Map<String, String> libraries = new LinkedHashMap<>();
        libraries.put("cuBLASLt", library("libcublasLt.so.13", "libcublasLt.so.12"));
        libraries.put("NCCL", library("libnccl.so.2"));
        return libraries;
    }

    private static String library(String... names) {
        for (String name : names) {
            try {
                String file = NvidiaDriver.library(name);
                if (file != null) {
                    return file;
                }
            } catch (IOException e) {
                return "unknown: " + e.getMessage();
            }
        }
        return "not found: no " + String.join(" or ", names)
                + " on the library path, in $CUDA_HOME or in /usr/local/cuda";
    }

    /** What a program prints; null where there is none or it fails. */
    private static @Nullable String output(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
            return ended && process.exitValue() == 0 ? output : null;
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
