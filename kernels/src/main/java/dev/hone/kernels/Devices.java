package dev.hone.kernels;

import dev.hone.kernels.nativ.NativeDevice;
import dev.hone.kernels.nd4j.Nd4jDevice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The devices of this machine, best first: {@code cuda}, our kernels for NVIDIA GPUs, {@code cpu}, our C++ kernels, then
 * {@code nd4j}, the slower reference that needs no compiler.
 *
 * <p>The cpu device uses as many threads as there are processors; the system property {@code hone.threads} or else the
 * environment variable {@code HONE_THREADS} says otherwise.
 */
public final class Devices {

    private static final Logger log = LoggerFactory.getLogger(Devices.class);

    private Devices() {}

    /** Whether a device works here. {@code explanation}: what it is, or one sentence why it does not work. */
    public record Availability(String name, boolean available, String explanation) {}

    /** The fastest device that works here. Falling back, from a GPU or from {@code cpu}, is logged, with the reason. */
    public static Device best() {
        if (!Nvidia.listGpus().isEmpty()) {
            try {
                return NativeDevice.cuda();
            } catch (IOException e) {
                log.warn("The GPU is not used ({}): computing on the processor.", e.getMessage());
            }
        }
        try {
            return NativeDevice.cpu(threads());
        } catch (IOException e) {
            log.warn(
                    "The fast cpu device is not available ({}): using the slower nd4j device. A C++17 compiler and cmake"
                            + " make it available at the next build.",
                    e.getMessage());
            return new Nd4jDevice();
        }
    }

    /**
     * The device {@code name}: {@code "cpu"}, {@code "nd4j"} or {@code "cuda"}.
     *
     * @throws IllegalArgumentException when there is no device of this name
     * @throws IllegalStateException when it does not work here; the message says why
     */
    public static Device open(String name) {
        switch (name) {
            case "cpu":
                try {
                    return NativeDevice.cpu(threads());
                } catch (IOException e) {
                    throw new IllegalStateException("The cpu device is not available: " + e.getMessage(), e);
                }
            case "nd4j":
                try {
                    return new Nd4jDevice();
                } catch (LinkageError e) {
                    throw new IllegalStateException("ND4J's native backend does not load here: " + e.getMessage(), e);
                }
            case "cuda":
                try {
                    return NativeDevice.cuda();
                } catch (IOException e) {
                    throw new IllegalStateException("The cuda device is not available: " + e.getMessage(), e);
                }
            default:
                throw new IllegalArgumentException("Unknown device \"" + name + "\": expected cpu, nd4j or cuda");
        }
    }

    /** Every device hone knows, best first, tried out. */
    public static List<Availability> all() {
        List<Availability> all = new ArrayList<>();
        for (String name : List.of("cuda", "cpu", "nd4j")) {
            try (Device device = open(name)) {
                all.add(new Availability(name, true, device.description()));
            } catch (IllegalStateException e) {
                all.add(new Availability(name, false, String.valueOf(e.getMessage())));
            }
        }
        return all;
    }

    private static int threads() {
        String source = "-Dhone.threads";
        String threads = System.getProperty("hone.threads");
        if (threads == null) {
            source = "HONE_THREADS";
            threads = System.getenv("HONE_THREADS");
        }
        if (threads == null || threads.isBlank()) {
            return Runtime.getRuntime().availableProcessors();
        }
        if (!threads.strip().matches("[1-9][0-9]{0,3}")) {
            throw new IllegalArgumentException(
                    source + " is \"" + threads + "\": expected a number of threads, 1 to 9999");
        }
        return Integer.parseInt(threads.strip());
    }
}
