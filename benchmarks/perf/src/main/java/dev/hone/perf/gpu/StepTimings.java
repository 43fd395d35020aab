package dev.hone.perf.gpu;

import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Devices;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * Measures whole steps of training and generation on Qwen2.5's shapes: {@code StepTimings DEVICE WORKLOAD.json RESULT.json
 * PART...}. The parts are sft-0.5b, sft-1.5b, sft-3b, varied, decode, generate, sft-7b, profile, grpo-small and grpo. Results
 * are written after each row, and a row that fails does not end the others. The large product is timed before and after each
 * row, to say whether the GPU was as fast all along. torch_step_peer.py measures the same with PyTorch.
 *
 * <p>With {@code cpu} as the device it tries itself out, on small sizes.
 */
public final class StepTimings {

    /** Of weights and activations. */
    static final DType TYPE = DType.BF16;

    private final Device device;
    private final int shrink;
    private final Path file;

    /** As last measured. */
    private double matmul;

    private final Map<String, Object> report = new LinkedHashMap<>();
    private final List<StepRow> rows = new ArrayList<>();
    private final Map<String, List<OperationProfile.Row>> profiles = new LinkedHashMap<>();
    private final Map<String, String> failures = new LinkedHashMap<>();

    private StepTimings(Device device, int shrink, Path file) {
        this.device = device;
        this.shrink = shrink;
        this.file = file;
    }

    public static void main(String[] arguments) throws IOException {
        String name = arguments[0];
        int shrink = name.equals("cpu") ? 64 : 1;
        Workload workload = Workload.read(Path.of(arguments[1]));
        List<String> parts = List.of(arguments).subList(3, arguments.length);
        StepTimings timings;
        try (Device device = Devices.open(name)) {
            timings = new StepTimings(device, shrink, Path.of(arguments[2]));
            timings.run(shrink == 1 ? workload : workload.shrunk(16), parts);
        }
        System.exit(timings.failures.isEmpty() ? 0 : 1);
    }

    private void run(Workload workload, List<String> parts) throws IOException {
        report.put("date", Instant.now().toString());
        report.put("device", device.description());
        report.put("java", System.getProperty("java.version"));
        report.put("dtype", TYPE.name());
        Ceilings ceilings = Ceilings.measure(device, shrink);
        report.put("copy_bytes_per_s", ceilings.copy());
        report.put("matmul_flops", ceilings.matmul());
        matmul = ceilings.matmul();
        report.put("rows", rows);
        report.put("profiles", profiles);
        report.put("failures", failures);
        System.out.printf(
                Locale.ROOT,
                "%s%ncopy %.0f GB/s, matmul %.0f TFLOP/s%n",
                device.description(),
                ceilings.copy() / 1e9,
                ceilings.matmul() / 1e12);
        TrainingTimings training = new TrainingTimings(device, ceilings, shrink, () -> {});
        GenerationTimings generation = new GenerationTimings(device, ceilings, shrink, QwenShape.MIDDLE, () -> {});
        int many = shrink == 1 ? 256 : 8;
        for (String part : parts) {
            switch (part) {
                case "sft-0.5b" -> sft(training, QwenShape.SMALL);
                case "sft-1.5b" -> sft(training, QwenShape.MIDDLE);
                case "sft-3b" -> sft(training, QwenShape.LARGE);
                case "sft-7b" -> row(part, training::inLeastMemory);
                case "varied" -> row(part, () -> training.varied(QwenShape.MIDDLE, workload.texts()));
                case "decode" -> {
                    for (int batch : new int[] {1, many}) {
                        row("decode, batch " + batch, () -> generation.decode(batch));
                    }
                }
                case "generate" -> row(part, () -> generation.generate(workload));
                case "profile" -> profile(ceilings, many);
                case "grpo-small" -> grpo(new GrpoTimings.Size(16, 8, 256));
                case "grpo" -> grpo(new GrpoTimings.Size(64, 8, 512));
                default -> throw new IllegalArgumentException("There is no part " + part);
            }
        }
    }

    private void sft(TrainingTimings training, QwenShape shape) throws IOException {
        row("sft " + shape.label(), () -> training.packed(shape, false));
        if (!training.fits(shape)) {
            row("sft " + shape.label() + ", recompute", () -> training.packed(shape, true));
        }
    }

    /** Steps of fine-tuning and of decoding once more, operation by operation. */
    private void profile(Ceilings ceilings, int batch) throws IOException {
        OperationProfile steps = new OperationProfile(device);
        TrainingTimings training = new TrainingTimings(steps.device(), ceilings, shrink, steps::clear);
        row("profile", () -> profiled(training.packed(QwenShape.MIDDLE, false), steps, TrainingTimings.STEPS));
        OperationProfile tokens = new OperationProfile(device);
        GenerationTimings generation =
                new GenerationTimings(tokens.device(), ceilings, shrink, QwenShape.MIDDLE, tokens::clear);
        row("profile", () -> profiled(generation.decode(batch), tokens, GenerationTimings.STEPS));
    }

    private StepRow profiled(StepRow row, OperationProfile profile, int steps) {
        profiles.put(row.what(), profile.rows(steps));
        return row.named("one by one, " + row.what());
    }

    private void grpo(GrpoTimings.Size size) throws IOException {
        GrpoTimings.Size asked = shrink == 1 ? size : new GrpoTimings.Size(2, 4, 8);
        row("grpo", () -> GrpoTimings.measure(device, shrink, QwenShape.MIDDLE, asked));
    }

    private void row(String what, Callable<StepRow> measurement) throws IOException {
        long start = System.nanoTime();
        try {
            StepRow row = measurement.call().with("matmul_flops_before", matmul);
            matmul = Ceilings.matmul(device, shrink);
            row = row.with("matmul_flops_after", matmul);
            rows.add(row);
            System.out.printf(
                    Locale.ROOT,
                    "%-28s %10.3f ms %12.0f tokens/s  %s  (%.0f s in all)%n",
                    row.what(),
                    row.milliseconds(),
                    row.rate(),
                    row.more(),
                    (System.nanoTime() - start) / 1e9);
        } catch (Exception | OutOfMemoryError e) {
            failures.put(what, e.toString());
            System.out.println(what + ": FAILED: " + e);
            e.printStackTrace(System.out);
        }
        GpuCheck.write(report, file);
    }
}
