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
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Low-rank adapters of a model's linear modules (Hu et al. 2022), their weights in one flat range and their gradients in
 * another, both F32; where passes compute in BF16, with rounded copies of the weights in a third.
 */
final class Adapters {

    /** What PEFT puts before a module's name. */
    static final String PREFIX = "base_model.model.";

    /**
     * The two matrices of an adapter.
     *
     * @param a {@code [rank, in]}
     * @param b {@code [out, rank]}
     */
    record Factors(Tensor a, Tensor b) {}

    /**
     * One module's adapter.
     *
     * @param exact F32
     * @param factors what passes compute with: the exact ones, or their rounded copies
     * @param magnitude with DoRA the length of each row, {@code [out]}; else null
     * @param norms the lengths that the rows have without it, {@code [out]}; computed, not trained
     * @param gradients null where it is not trained, like {@code dMagnitude}
     */
    record Adapter(
            LinearModule module,
            Factors exact,
            Factors factors,
            @Nullable Tensor magnitude,
            @Nullable Tensor norms,
            @Nullable Factors gradients,
            @Nullable Tensor dMagnitude) {

        Factors of(DType dtype) {
            return dtype == DType.F32 ? exact : factors;
        }
    }

    private final LoraConfig lora;
    private final Device device;
    private final Tensor weights;
    private final @Nullable Tensor rounded;
    private final @Nullable Tensor gradients;
    private final List<Adapter> all = new ArrayList<>();
    private final List<Map<Matrix, List<Adapter>>> byLayer = new ArrayList<>();
    private final Map<String, Tensor> named = new LinkedHashMap<>();
    private final Map<String, Tensor> namedGradients = new LinkedHashMap<>();

    /** @param dtype what passes compute in */
    Adapters(ModelConfig config, LoraConfig lora, DType dtype, Device device, Arena arena, boolean trainable) {
        this.lora = lora;
        this.device = device;
        long size = size(config, lora);
        this.weights = arena.allocate(DType.F32, size);
        this.rounded = dtype == DType.F32 ? null : arena.allocate(dtype, size);
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
            Factors exact = factors(weights, a, b, m, module);
            Adapter adapter = new Adapter(
                    module,
                    exact,
                    rounded == null ? exact : factors(rounded, a, b, m, module),
                    lora.dora() ? weights.rows(m, at) : null,
                    norms == null ? null : norms.rows(row, row + module.out()),
                    gradients == null ? null : factors(gradients, a, b, m, module),
                    gradients == null || !lora.dora() ? null : gradients.rows(m, at));
            row += module.out();
            all.add(adapter);
            byLayer.get(module.layer())
                    .computeIfAbsent(module.matrix(), matrix -> new ArrayList<>())
                    .add(adapter);
            put(named, module, adapter.exact(), adapter.magnitude());
            put(namedGradients, module, adapter.gradients(), adapter.dMagnitude());
        }
    }

    private Factors factors(Tensor flat, long a, long b, long end, LinearModule module) {
        return new Factors(matrix(flat, a, b, lora.rank()), matrix(flat, b, end, module.out()));
    }

    private static Tensor matrix(Tensor flat, long from, long to, long rows) {
        return flat.rows(from, to).reshape(rows, (to - from) / rows);
    }

    private static void put(
            Map<String, Tensor> named, LinearModule module, @Nullable Factors factors, @Nullable Tensor magnitude) {
        if (factors != null) {
            named.put(PREFIX + module.name() + ".lora_A.weight", factors.a());
            named.put(PREFIX + module.name() + ".lora_B.weight", factors.b());
        }
        if (magnitude != null) {
            named.put(PREFIX + module.name() + ".lora_magnitude_vector", magnitude);
        }
    }

    static long bytes(ModelConfig config, LoraConfig lora, DType dtype) {
        return weightBytes(config, lora)
                + (dtype == DType.F32 ? 0 : Arena.bytes(dtype, size(config, lora)))
                + (lora.dora() ? Arena.bytes(DType.F32, rows(config, lora)) : 0);
    }

    /** Bytes of what is trained, and as many of its gradients. */
    static long weightBytes(ModelConfig config, LoraConfig lora) {
        return Arena.bytes(DType.F32, size(config, lora));
    }

    /** Weights of all adapters. */
    static long size(ModelConfig config, LoraConfig lora) {
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

    /** Adapters of the matrix that has the most, in any layer: all have the same. */
    static long mostOfMatrix(ModelConfig config, LoraConfig lora) {
        return chosen(config, lora).stream()
                .filter(module -> module.layer() == 0)
                .collect(Collectors.groupingBy(LinearModule::matrix, Collectors.counting()))
                .values()
                .stream()
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
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
                String meant = Nearest.meant(target, leaves);
                throw new UserError("lora target_modules has '" + target + "' but the model's linear modules are "
                        + String.join(", ", leaves) + "; " + (meant.isEmpty() ? "choose among these" : meant));
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

    /** To be called where the weights were changed. */
    void changed() {
        if (rounded != null) {
            device.convert(weights, rounded);
        }
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
            Tensor b = adapter.exact().b();
            float[] values = new float[Math.toIntExact(b.size())];
            device.read(b, values);
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
            Tensor a = adapter.exact().a();
            double bound = 1 / Math.sqrt(a.dim(1));
            float[] values = new float[Math.toIntExact(a.size())];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (bound * (2 * random.nextDouble() - 1));
            }
            device.write(values, a);
        }
        clear();
    }

    /** Makes all B zero. */
    void clear() {
        all.forEach(adapter -> device.zero(adapter.exact().b()));
        changed();
    }
}
