package dev.hone.trainer.cli;

import dev.hone.datasets.sandbox.Sandbox;
import dev.hone.kernels.Devices;
import dev.hone.kernels.Devices.Availability;
import dev.hone.trainer.run.DtypeChoice;
import java.util.LinkedHashMap;
import java.util.List;
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
        String isolation = Sandbox.isolationFault().orElse("works");
        if (json.on) {
            Map<String, Object> findings = new LinkedHashMap<>();
            findings.put("java", System.getProperty("java.version"));
            findings.put("os", os());
            findings.put("processors", Runtime.getRuntime().availableProcessors());
            findings.put("device", best);
            findings.put("dtype", DtypeChoice.usual(best));
            findings.put("devices", devices);
            findings.put("isolation", isolation);
            System.out.println(new JsonMapper().writeValueAsString(findings));
            return;
        }
        System.out.println(
                "Java        " + System.getProperty("java.version") + " (" + System.getProperty("java.home") + ")");
        System.out.println("system      " + os());
        System.out.println("processors  " + Runtime.getRuntime().availableProcessors());
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

    private static String os() {
        return System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                + System.getProperty("os.arch");
    }
}
