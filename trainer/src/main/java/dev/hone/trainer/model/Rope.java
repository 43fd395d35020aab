package dev.hone.trainer.model;

import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;

/**
 * The cosines and sines of rotary positions (Su et al. 2021, section 3.2.2), in single precision as transformers computes
 * the angles.
 *
 * @param cos {@code [maxPositions, headDim / 2]}, like {@code sin}
 */
record Rope(Tensor cos, Tensor sin) {

    static Rope create(ModelConfig config, Device device, Arena arena) {
        int half = config.headDim() / 2;
        int positions = config.maxPositions();
        float[] cos = new float[positions * half];
        float[] sin = new float[positions * half];
        for (int i = 0; i < half; i++) {
            float frequency = (float) (1 / Math.pow(config.ropeTheta(), 2.0 * i / config.headDim()));
            for (int position = 0; position < positions; position++) {
                float angle = position * frequency;
                cos[position * half + i] = (float) Math.cos(angle);
                sin[position * half + i] = (float) Math.sin(angle);
            }
        }
        Rope rope = new Rope(arena.allocate(DType.F32, positions, half), arena.allocate(DType.F32, positions, half));
        device.write(cos, rope.cos);
        device.write(sin, rope.sin);
        return rope;
    }

    static long bytes(ModelConfig config) {
        return 2 * Arena.bytes(DType.F32, config.maxPositions(), config.headDim() / 2);
    }
}
