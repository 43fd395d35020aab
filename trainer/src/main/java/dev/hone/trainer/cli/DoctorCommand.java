package dev.hone.trainer.cli;

import dev.hone.datasets.sandbox.Sandbox;
import dev.hone.kernels.Devices;
import dev.hone.kernels.Devices.Availability;
import dev.hone.kernels.Gpu;
import dev.hone.kernels.Nvidia;
import dev.hone.trainer.run.DtypeChoice;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "doctor",
        description = "Says what this machine has and which device hone computes on, and why.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {"  hone doctor", "  hone doctor --json"})
final class DoctorCommand implements Runnable {

    @Mixin
    private final JsonOption json = new JsonOption();

    @Override
    public void run() {
        List<Availability> devices = Devices.all();
        String best = devices.stream()
                .filter(Availability::available)
                .map(Availability::name)
                .findFirst()
                .orElse("none");
        Nvidia nvidia = Nvidia.look();
        String isolation = Sandbox.isolationFault().orElse("works");
        if (json.on) {
            Map<String, Object> findings = new LinkedHashMap<>();
            findings.put("java", System.getProperty("java.version"));
            findings.put("os", os());
            findings.put("processors", Runtime.getRuntime().availableProcessors());
            findings.put("device", best);
            findings.put("dtype", DtypeChoice.usual(best));
            findings.put("devices", devices);
            findings.put("nvidia", nvidia);
            findings.put("isolation", isolation);
            System.out.println(new JsonMapper().writeValueAsString(findings));
            return;
        }
        System.out.println(
                "Java        " + System.getProperty("java.version") + " (" + System.getProperty("java.home") + ")");
        System.out.println("system      " + os());
        System.out.println("processors  " + Runtime.getRuntime().availableProcessors());
        nvidiaLines(nvidia).forEach((name, says) -> System.out.printf("%-11s %s%n", name, says));
        for (Availability device : devices) {
            System.out.printf(
                    "%-11s %s%s%n",
                    device.name(), device.available() ? "" : "does not work here: ", device.explanation());
        }
        System.out.println("isolation   "
                + (isolation.equals("works")
                        ? "works: programs that models write run in bubblewrap"
                        : "does not work here, so programs that models write are not run: " + isolation));
        System.out.println("hone computes on " + best + ", the first of these that works, in " + DtypeChoice.usual(best)
                + " unless told otherwise");
    }

    static Map<String, String> nvidiaLines(Nvidia nvidia) {
        Map<String, String> lines = new LinkedHashMap<>();
        String driver = nvidia.driver() == null ? "works" : nvidia.driver();
        lines.put(
                "driver",
                nvidia.fault() != null
                        ? nvidia.fault()
                        : nvidia.cuda() == null ? driver : driver + ", for CUDA up to " + nvidia.cuda());
        for (int i = 0; i < nvidia.gpus().size(); i++) {
            Gpu gpu = nvidia.gpus().get(i);
            lines.put(
                    "GPU " + i,
                    String.format(
                            Locale.ROOT,
                            "%s, compute capability %s, %.1f GiB",
                            gpu.name(),
                            gpu.capability(),
                            gpu.memory() / (double) (1L << 30)));
        }
        lines.put(
                "toolkit",
                nvidia.toolkit() == null
                        ? "none: no nvcc in $CUDA_HOME, /usr/local/cuda or $PATH, so this machine cannot build the cuda device"
                        : nvidia.toolkit());
        lines.putAll(nvidia.libraries());
        return lines;
    }

    private static String os() {
        return System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                + System.getProperty("os.arch");
    }
}
