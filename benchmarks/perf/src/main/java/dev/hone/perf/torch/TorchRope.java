package dev.hone.perf.torch;

import dev.hone.trainer.model.ModelConfig;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Rotary positions in Hugging Face's half-split form, in the fewest eager operations: {@code x cos + roll(x) sin}, the
 * sine of the lower half negative.
 *
 * @param cos {@code [positions, 1, headDim]}, both halves alike
 * @param sin {@code [positions, 1, headDim]}
 */
public record TorchRope(Tensor cos, Tensor sin, long half) {

    public static TorchRope of(ModelConfig config, int positions) {
        int dim = config.headDim();
        float[] cos = new float[positions * dim];
        float[] sin = new float[positions * dim];
        for (int p = 0; p < positions; p++) {
            for (int i = 0; i < dim; i++) {
                double angle = p / Math.pow(config.ropeTheta(), 2.0 * (i % (dim / 2)) / dim);
                cos[p * dim + i] = (float) Math.cos(angle);
                sin[p * dim + i] = (float) (i < dim / 2 ? -Math.sin(angle) : Math.sin(angle));
            }
        }
        return new TorchRope(Torch.floats(cos, positions, 1, dim), Torch.floats(sin, positions, 1, dim), dim / 2);
    }

    /** Those of positions {@code [from, from + count)}. */
    TorchRope at(long from, long count) {
        return new TorchRope(cos.narrow(0, from, count), sin.narrow(0, from, count), half);
    }

    /**
     * Turns heads by their positions.
     *
     * @param x {@code [batch, positions, heads, headDim]}
     */
    public Tensor rotate(Tensor x) {
        Tensor rolled = torch.roll(x, new long[] {half}, -1);
        return torch.addcmul(x.mul(cos), rolled, sin);
    }
}
