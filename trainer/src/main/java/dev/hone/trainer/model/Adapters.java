package dev.hone.trainer.model;

import dev.hone.datasets.Nearest;
import dev.hone.datasets.UserError;
import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
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
 * another. A module may be some rows of a fused matrix; its adapter then adds to those columns of the product.
 */
final class Adapters {

    /** What PEFT puts before a module's name. */
    static final String PREFIX = "base_model.model.";

    /** The linear modules of a layer, by the matrix that holds them. */
    enum Matrix {
        QKV,
        OUTPUT,
        GATE_UP,
        DOWN
    }

    /**
     * One module's adapter.
     *
     * @param module its name, as {@code model.layers.0.self_attn.q_proj}
     * @param from first row of the module in its matrix, which ends before row {@code to}
     * @param a {@code [rank, in]}
     * @param b {@code [to - from, rank]}
     * @param dA null where it is not trained, like {@code dB}
     */
    record Adapter(
            String module,
            int layer,
            Matrix matrix,
            long from,
            long to,
            Tensor a,
            Tensor b,
            @Nullable Tensor dA,
            @Nullable Tensor dB) {}

    /** A module that could have an adapter. */
    private record Place(String module, int layer, Matrix matrix, long from, long to, long in) {

        String leaf() {
            return module.substring(module.lastIndexOf('.') + 1);
        }
    }

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
        long at = 0;
        for (Place place : chosen(config, lora)) {
            long a = at;
            long b = a + lora.rank() * place.in();
            at = b + (place.to() - place.from()) * lora.rank();
            Adapter adapter = new Adapter(
                    place.module(),
                    place.layer(),
                    place.matrix(),
                    place.from(),
                    place.to(),
                    matrix(weights, a, b, lora.rank()),
                    matrix(weights, b, at, place.to() - place.from()),
                    gradients == null ? null : matrix(gradients, a, b, lora.rank()),
                    gradients == null ? null : matrix(gradients, b, at, place.to() - place.from()));
            all.add(adapter);
            byLayer.get(place.layer())
                    .computeIfAbsent(place.matrix(), matrix -> new ArrayList<>())
                    .add(adapter);
            put(named, adapter.module(), adapter.a(), adapter.b());
            put(namedGradients, adapter.module(), adapter.dA(), adapter.dB());
        }
    }

    private static Tensor matrix(Tensor flat, long from, long to, long rows) {
        return flat.rows(from, to).reshape(rows, (to - from) / rows);
    }

    private static void put(Map<String, Tensor> named, String module, @Nullable Tensor a, @Nullable Tensor b) {
        if (a != null && b != null) {
            named.put(PREFIX + module + ".lora_A.weight", a);
            named.put(PREFIX + module + ".lora_B.weight", b);
        }
    }

    static long bytes(ModelConfig config, LoraConfig lora, boolean trainable) {
        return Arena.bytes(DType.F32, size(config, lora)) * (trainable ? 2 : 1);
    }

    /** Weights of all adapters. */
    private static long size(ModelConfig config, LoraConfig lora) {
        return chosen(config, lora).stream()
                .mapToLong(place -> lora.rank() * (place.in() + place.to() - place.from()))
                .sum();
    }

    private static List<Place> chosen(ModelConfig config, LoraConfig lora) {
        List<Place> places = places(config);
        Set<String> leaves = new TreeSet<>();
        places.forEach(place -> leaves.add(place.leaf()));
        if (lora.targetModules().equals(List.of(LoraConfig.ALL_LINEAR))) {
            return places;
        }
        for (String target : lora.targetModules()) {
            if (!leaves.contains(target)) {
                throw new UserError("lora target_modules has '" + target + "' but the model's linear modules are "
                        + String.join(", ", leaves) + "; did you mean " + Nearest.of(target, leaves) + "?");
            }
        }
        return places.stream()
                .filter(place -> lora.targetModules().contains(place.leaf()))
                .toList();
    }

    private static List<Place> places(ModelConfig config) {
        List<Place> places = new ArrayList<>();
        long hidden = config.hiddenSize();
        long query = config.querySize();
        long key = config.keySize();
        long middle = config.intermediateSize();
        for (int i = 0; i < config.layers(); i++) {
            String attention = "model.layers." + i + ".self_attn.";
            String mlp = "model.layers." + i + ".mlp.";
            if (config.family().fusedNames()) {
                places.add(new Place(attention + "qkv_proj", i, Matrix.QKV, 0, query + 2 * key, hidden));
                places.add(new Place(mlp + "gate_up_proj", i, Matrix.GATE_UP, 0, 2 * middle, hidden));
            } else {
                places.add(new Place(attention + "q_proj", i, Matrix.QKV, 0, query, hidden));
                places.add(new Place(attention + "k_proj", i, Matrix.QKV, query, query + key, hidden));
                places.add(new Place(attention + "v_proj", i, Matrix.QKV, query + key, query + 2 * key, hidden));
                places.add(new Place(mlp + "gate_proj", i, Matrix.GATE_UP, 0, middle, hidden));
                places.add(new Place(mlp + "up_proj", i, Matrix.GATE_UP, middle, 2 * middle, hidden));
            }
            places.add(new Place(attention + "o_proj", i, Matrix.OUTPUT, 0, hidden, query));
            places.add(new Place(mlp + "down_proj", i, Matrix.DOWN, 0, hidden, middle));
        }
        return places;
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
                .map(adapter -> adapter.module().substring(adapter.module().lastIndexOf('.') + 1))
                .distinct()
                .sorted()
                .toList();
    }

    /** Whether all B are zero, so that the model is its base. */
    boolean addNothing() {
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

    /** A uniform in +-1 / sqrt(in), as PEFT draws it; B zero. */
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
