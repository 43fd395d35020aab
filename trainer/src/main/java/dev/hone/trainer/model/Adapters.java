package dev.hone.trainer.model;

import dev.hone.datasets.Nearest;
import dev.hone.datasets.UserError;
import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import dev.hone.trainer.model.LinearModule.Matrix;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Low-rank adapters of a model's linear modules (Hu et al. 2022), their weights in one flat range and their gradients in
 * another.
 */
final class Adapters {

    /** What PEFT puts before a module's name. */
    static final String PREFIX = "base_model.model.";

    /**
     * One module's adapter.
     *
     * @param a {@code [rank, in]}
     * @param b {@code [out, rank]}
     * @param magnitude with DoRA the length of each row, {@code [out]}; else null
     * @param norms the lengths that the rows have without it, {@code [out]}; computed, not trained
     * @param dA null where it is not trained, like {@code dB} and {@code dMagnitude}
     */
    record Adapter(
            LinearModule module,
            Tensor a,
            Tensor b,
            @Nullable Tensor magnitude,
            @Nullable Tensor norms,
            @Nullable Tensor dA,
            @Nullable Tensor dB,
            @Nullable Tensor dMagnitude) {}

    private final LoraConfig lora;
    private final Device device;
    private final Tensor weights;
    private final @Nullable Tensor gradients;
    private final List<Adapter> all = new ArrayList<>();
    private final List<Map<Matrix, List<Adapter>>> byLayer = new ArrayList<>();
    private final Map<String, Tensor> named = new LinkedHashMap<>();
    private final Map<String, Tensor> namedGradients = new LinkedHashMap<>();

    Adapters(ModelConfig config, LoraConfig lora, Device device, Arena arena, boolean trainable) {
        this.lora = lora;
        this.device = device;
        long size = size(config, lora);
        this.weights = arena.allocate(DType.F32, size);
        this.gradients = trainable ? arena.allocate(DType.F32, size) : null;
        for (int i = 0; i < config.layers(); i++) {
            byLayer.add(new EnumMap<>(Matrix.class));
        }
        Tensor norms = lora.dora() ? arena.allocate(DType.F32, rows(config, lora)) : null;
        long at = 0;
        long row = 0;
        for (LinearModule module : chosen(config, lora)) {
            long a = at;
            long b = a + lora.rank() * module.in();
            long m = b + module.out() * lora.rank();
            at = m + (lora.dora() ? module.out() : 0);
            Adapter adapter = new Adapter(
                    module,
                    matrix(weights, a, b, lora.rank()),
                    matrix(weights, b, m, module.out()),
                    lora.dora() ? weights.rows(m, at) : null,
                    norms == null ? null : norms.rows(row, row + module.out()),
                    gradients == null ? null : matrix(gradients, a, b, lora.rank()),
                    gradients == null ? null : matrix(gradients, b, m, module.out()),
                    gradients == null || !lora.dora() ? null : gradients.rows(m, at));
            row += module.out();
            all.add(adapter);
            byLayer.get(module.layer())
                    .computeIfAbsent(module.matrix(), matrix -> new ArrayList<>())
                    .add(adapter);
            put(named, module, adapter.a(), adapter.b(), adapter.magnitude());
            put(namedGradients, module, adapter.dA(), adapter.dB(), adapter.dMagnitude());
        }
    }

    private static Tensor matrix(Tensor flat, long from, long to, long rows) {
        return flat.rows(from, to).reshape(rows, (to - from) / rows);
    }

    private static void put(
            Map<String, Tensor> named,
            LinearModule module,
            @Nullable Tensor a,
            @Nullable Tensor b,
            @Nullable Tensor magnitude) {
        if (a != null && b != null) {
            named.put(PREFIX + module.name() + ".lora_A.weight", a);
            named.put(PREFIX + module.name() + ".lora_B.weight", b);
        }
        if (magnitude != null) {
            named.put(PREFIX + module.name() + ".lora_magnitude_vector", magnitude);
        }
    }

    static long bytes(ModelConfig config, LoraConfig lora, boolean trainable) {
        return weightBytes(config, lora) * (trainable ? 2 : 1)
                + (lora.dora() ? Arena.bytes(DType.F32, rows(config, lora)) : 0);
    }

    /** Bytes of what is trained. */
    static long weightBytes(ModelConfig config, LoraConfig lora) {
        return Arena.bytes(DType.F32, size(config, lora));
    }

    /** Weights of all adapters. */
    private static long size(ModelConfig config, LoraConfig lora) {
        return chosen(config, lora).stream()
                .mapToLong(module -> lora.rank() * (module.in() + module.out()) + (lora.dora() ? module.out() : 0))
                .sum();
    }

    /** Rows of all modules with an adapter. */
    private static long rows(ModelConfig config, LoraConfig lora) {
        return chosen(config, lora).stream().mapToLong(LinearModule::out).sum();
    }

    /** Rows of the largest module with an adapter. */
    static long mostRows(ModelConfig config, LoraConfig lora) {
        return chosen(config, lora).stream().mapToLong(LinearModule::out).max().orElse(0);
    }

    private static List<LinearModule> chosen(ModelConfig config, LoraConfig lora) {
        List<LinearModule> modules = LinearModule.of(config);
        Set<String> leaves = new TreeSet<>();
        modules.forEach(module -> leaves.add(module.leaf()));
        if (lora.targetModules().equals(List.of(LoraConfig.ALL_LINEAR))) {
            return modules;
        }
        for (String target : lora.targetModules()) {
            if (!leaves.contains(target)) {
                throw new UserError("lora target_modules has '" + target + "' but the model's linear modules are "
                        + String.join(", ", leaves) + "; did you mean " + Nearest.of(target, leaves) + "?");
            }
        }
        return modules.stream()
                .filter(module -> lora.targetModules().contains(module.leaf()))
                .toList();
    }

    LoraConfig config() {
        return lora;
    }

    List<Adapter> all() {
        return all;
    }

    List<Adapter> of(int layer, Matrix matrix) {
        return byLayer.get(layer).getOrDefault(matrix, List.of());
    }

    /** Each under PEFT's name. */
    Map<String, Tensor> named() {
        return named;
    }

    Map<String, Tensor> namedGradients() {
        return namedGradients;
    }

    Tensor weights() {
        return weights;
    }

    @Nullable
    Tensor gradients() {
        return gradients;
    }

    /** Last parts of the modules' names, each once. */
    List<String> leaves() {
        return all.stream()
                .map(adapter -> adapter.module().leaf())
                .distinct()
                .sorted()
                .toList();
    }

    /** Whether all B are zero and there are no magnitudes, so that the model is its base. */
    boolean addNothing() {
        if (lora.dora()) {
            return false;
        }
        for (Adapter adapter : all) {
            float[] values = new float[Math.toIntExact(adapter.b().size())];
            device.read(adapter.b(), values);
            for (float value : values) {
                if (value != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /** A uniform in +-1 / sqrt(in), as PEFT draws it; B zero. Magnitudes are {@link Linears}' to set. */
    void initialize() {
        SplittableRandom seeds = new SplittableRandom(lora.seed());
        for (Adapter adapter : all) {
            SplittableRandom random = seeds.split();
            double bound = 1 / Math.sqrt(adapter.a().dim(1));
            float[] values = new float[Math.toIntExact(adapter.a().size())];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (bound * (2 * random.nextDouble() - 1));
            }
            device.write(values, adapter.a());
            device.zero(adapter.b());
        }
    }
}
