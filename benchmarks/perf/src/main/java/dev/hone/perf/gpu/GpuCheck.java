package dev.hone.perf.gpu;

import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Devices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;

/**
 * Checks a device against {@code cpu}: {@code GpuCheck DEVICE RESULT.json [PART]}. Results are written after each part, so
 * that a fault in a later one loses none. Exits with 1 where a check fails.
 *
 * <p>PART is a pattern of checks' names with their types, "attention.*BF16", where not all are wanted.
 */
public final class GpuCheck {

    private GpuCheck() {}

    public static void main(String[] arguments) throws IOException {
        String name = arguments[0];
        Path file = Path.of(arguments[1]);
        Map<String, Object> report = new LinkedHashMap<>();
        boolean passed;
        try (Device device = Devices.open(name);
                Device cpu = Devices.open("cpu")) {
            report.put("date", Instant.now().toString());
            report.put("device", device.description());
            report.put("cpu", cpu.description());
            report.put("java", System.getProperty("java.version"));
            System.out.println(device.description());

            Pattern part = Pattern.compile(arguments.length < 3 ? "" : arguments[2]);
            List<OpChecks.Result> ops = new OpChecks().run(device, cpu, part, GpuCheck::begin, GpuCheck::print);
            report.put("operations", ops.stream().map(GpuCheck::asMap).toList());
            write(report, file);
            passed = ops.stream().allMatch(OpChecks.Result::passed);

            for (DType dtype : List.of(DType.F32, DType.BF16)) {
                if (part.matcher("training " + dtype).find()) {
                    passed &= check("training " + dtype, () -> TrainingCheck.run(dtype, device, cpu), report);
                }
                if (part.matcher("rollout " + dtype).find()) {
                    passed &= check("rollout " + dtype, () -> RolloutCheck.run(dtype, device), report);
                }
            }
            if (part.matcher("exchange F32").find()) {
                passed &= check("exchange F32", () -> ExchangeCheck.run(device), report);
            }
            report.put("passed", passed);
            write(report, file);
        }
        System.out.println(passed ? "\nall checks passed" : "\nCHECKS FAILED");
        System.exit(passed ? 0 : 1);
    }

    /** What a check of more than one operation came to. */
    interface Outcome {
        boolean passed();

        /** In one line. */
        String summary();
    }

    /** Reports a check of more than one operation, and says whether it passed. */
    private static boolean check(String name, Supplier<Outcome> check, Map<String, Object> report) {
        try {
            Outcome outcome = check.get();
            report.put(name, outcome);
            System.out.printf("%n%s: %s: %s%n", name, outcome.summary(), outcome.passed() ? "ok" : "FAILED");
            return outcome.passed();
        } catch (RuntimeException | OutOfMemoryError e) {
            report.put(name, e.toString());
            System.out.println("\n" + name + ": FAILED: " + e);
            return false;
        }
    }

    private static Map<String, Object> asMap(OpChecks.Result result) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("op", result.op());
        map.put("dtype", result.dtype().name());
        map.put("error", result.error());
        map.put("same_bits", result.sameBits());
        map.put("passed", result.passed());
        map.put("failure", result.failure());
        return map;
    }

    /** Names an operation before it is checked, in case it does not end. */
    private static void begin(String op, DType dtype) {
        System.out.printf(Locale.ROOT, "%-44s %-5s ", op, dtype);
        System.out.flush();
    }

    private static void print(OpChecks.Result result) {
        List<String> notes = new ArrayList<>();
        notes.add(result.passed() ? "ok" : "FAILED");
        if (!result.sameBits()) {
            notes.add("two calls differ");
        }
        if (result.failure() != null) {
            notes.add(result.failure());
        }
        System.out.printf(
                Locale.ROOT, "%.2e %5.1f s  %s%n", result.error(), result.seconds(), String.join(", ", notes));
    }

    static void write(Map<String, Object> report, Path file) throws IOException {
        Files.writeString(
                file, new JsonMapper().writerWithDefaultPrettyPrinter().writeValueAsString(report) + "\n");
    }
}
