package dev.hone.trainer.model;

import dev.hone.checkpoints.Safetensors;
import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Nf4;
import dev.hone.kernels.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The weights of a model's linear modules in 4 bits, each module quantised by itself as bitsandbytes does (Dettmers et al.
 * 2023). They are read from a folder and never trained.
 */
final class FourBitWeights {

    private final Device device;
    private final Map<LinearModule, Nf4> weights = new LinkedHashMap<>();

    FourBitWeights(ModelConfig config, Device device, Arena arena) {
        this.device = device;
        Tensor table = arena.allocate(DType.F32, Nf4.TABLE);
        device.write(Nf4.levels(), table);
        for (LinearModule module : LinearModule.of(config)) {
            long size = module.size();
            weights.put(
                    module,
                    new Nf4(
                            module.out(),
                            module.in(),
                            arena.allocate(DType.U8, Nf4.codeBytes(size)),
                            arena.allocate(DType.U8, Nf4.blocks(size)),
                            arena.allocate(DType.F32, Nf4.scaleCount(size)),
                            table));
        }
    }

    /** Bytes of an arena that they take. */
    static long bytes(ModelConfig config) {
        long bytes = Arena.bytes(DType.F32, Nf4.TABLE);
        for (LinearModule module : LinearModule.of(config)) {
            bytes += Arena.bytes(DType.U8, Nf4.codeBytes(module.size()))
                    + Arena.bytes(DType.U8, Nf4.blocks(module.size()))
                    + Arena.bytes(DType.F32, Nf4.scaleCount(module.size()));
        }
        return bytes;
    }

    Nf4 of(LinearModule module) {
        Nf4 weight = weights.get(module);
        if (weight == null) {
            throw new IllegalArgumentException(module + " is no module of this model");
        }
        return weight;
    }

    /** Whether a tensor of a model folder is read here. */
    boolean holds(String tensor) {
        return weights.keySet().stream().anyMatch(module -> tensor.equals(module.name() + ".weight"));
    }

    /** Elements of all of them. */
    long count() {
        return weights.values().stream().mapToLong(Nf4::size).sum();
    }

    /** Quantises a folder's weights, one module after another. */
    void read(Safetensors file) {
        long largest = weights.values().stream().mapToLong(Nf4::size).max().orElse(0);
        try (Arena staging = device.arena(Arena.bytes(DType.F32, largest))) {
            Tensor whole = staging.allocate(DType.F32, largest);
            weights.forEach((module, weight) -> {
                Tensor exact = whole.rows(0, weight.size());
                file.read(module.name() + ".weight", exact.reshape(weight.rows(), weight.columns()));
                float[] values = new float[Math.toIntExact(weight.size())];
                device.read(exact, values);
                weight.write(values);
            });
        }
    }

    void copy(FourBitWeights from) {
        weights.forEach((module, weight) -> {
            Nf4 other = from.of(module);
            device.copy(other.codes(), weight.codes());
            device.copy(other.absmax(), weight.absmax());
            device.copy(other.scales(), weight.scales());
        });
    }
}
