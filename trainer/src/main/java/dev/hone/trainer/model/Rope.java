package dev.hone.trainer.model;

import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The cosines and sines of rotary positions (Su et al. 2021, section 3.2.2), in single precision as transformers computes
 * the angles.
 *
 * @param cos {@code [positions, rotaryDim / 2]}, like {@code sin}
 */
record Rope(Tensor cos, Tensor sin) {

    /**
     * Those of a model's layers; layers of the same positions share one, and where heads carry none it is null.
     *
     * @param length the longest sequence to come, in tokens
     */
    static List<@Nullable Rope> ofLayers(ModelConfig config, int length, Device device, Arena arena) {
        Map<RopeConfig, Rope> made = new HashMap<>();
        List<@Nullable Rope> ropes = new ArrayList<>();
        for (RopeConfig rope : config.ropes()) {
            ropes.add(
                    rope.rotaryDim() == 0
                            ? null
                            : made.computeIfAbsent(
                                    rope, missing -> create(missing, config.maxPositions(), length, device, arena)));
        }
        return ropes;
    }

    private static Rope create(RopeConfig config, int positions, int length, Device device, Arena arena) {
        int half = config.rotaryDim() / 2;
        double[] frequencies = config.scaling().frequencies(config.theta(), config.rotaryDim(), length);
        double amplitude = config.scaling().amplitude();
        float[] cos = new float[Math.multiplyExact(positions, half)];
        float[] sin = new float[cos.length];
        for (int i = 0; i < half; i++) {
            float frequency = (float) frequencies[i];
            for (int position = 0; position < positions; position++) {
                float angle = position * frequency;
                cos[position * half + i] = (float) (Math.cos(angle) * amplitude);
                sin[position * half + i] = (float) (Math.sin(angle) * amplitude);
            }
        }
        Rope rope = new Rope(arena.allocate(DType.F32, positions, half), arena.allocate(DType.F32, positions, half));
        device.write(cos, rope.cos);
        device.write(sin, rope.sin);
        return rope;
    }

    static long bytes(ModelConfig config) {
        return config.ropes().stream()
                .distinct()
                .filter(rope -> rope.rotaryDim() > 0)
                .mapToLong(rope -> 2 * Arena.bytes(DType.F32, config.maxPositions(), rope.rotaryDim() / 2))
                .sum();
    }
}
