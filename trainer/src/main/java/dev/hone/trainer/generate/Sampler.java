package dev.hone.trainer.generate;

import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import java.util.Arrays;

/** Draws a token for each row of a batch in one call. */
final class Sampler {

    private final Device device;
    private final Tensor temperatures; // [maxBatch], like all below
    private final Tensor topKs;
    private final Tensor topPs;
    private final Tensor minPs;
    private final Tensor seeds;
    private final Tensor tokens;
    private final Tensor logprobs;
    private final float[] hostTemperatures;
    private final int[] hostTopKs;
    private final float[] hostTopPs;
    private final float[] hostMinPs;
    private final long[] hostSeeds;
    private final int[] hostTokens;
    private final float[] hostLogprobs;

    Sampler(Device device, Arena arena, int maxBatch) {
        this.device = device;
        this.temperatures = arena.allocate(DType.F32, maxBatch);
        this.topKs = arena.allocate(DType.I32, maxBatch);
        this.topPs = arena.allocate(DType.F32, maxBatch);
        this.minPs = arena.allocate(DType.F32, maxBatch);
        this.seeds = arena.allocate(DType.I64, maxBatch);
        this.tokens = arena.allocate(DType.I32, maxBatch);
        this.logprobs = arena.allocate(DType.F32, maxBatch);
        this.hostTemperatures = new float[maxBatch];
        this.hostTopKs = new int[maxBatch];
        this.hostTopPs = new float[maxBatch];
        this.hostMinPs = new float[maxBatch];
        this.hostSeeds = new long[maxBatch];
        Arrays.fill(hostTopPs, 1);
        this.hostTokens = new int[maxBatch];
        this.hostLogprobs = new float[maxBatch];
    }

    /** Bytes of the arena that the constructor takes. */
    static long bytes(int maxBatch) {
        return 6 * Arena.bytes(DType.F32, maxBatch) + Arena.bytes(DType.I64, maxBatch);
    }

    /** How row {@code row} is drawn from now on. */
    void set(int row, SamplingOptions options) {
        hostTemperatures[row] = (float) options.temperature();
        hostTopKs[row] = options.topK();
        hostTopPs[row] = (float) options.topP();
        hostMinPs[row] = (float) options.minP();
    }

    /** What row {@code row} is drawn with next. */
    void seed(int row, long seed) {
        hostSeeds[row] = seed;
    }

    /** @param logits {@code [rows, vocabulary]} */
    void draw(Tensor logits) {
        long rows = logits.dim(0);
        device.write(hostTemperatures, temperatures);
        device.write(hostTopKs, topKs);
        device.write(hostTopPs, topPs);
        device.write(hostMinPs, minPs);
        device.write(hostSeeds, seeds);
        device.sample(
                logits,
                temperatures.rows(0, rows),
                topKs.rows(0, rows),
                topPs.rows(0, rows),
                minPs.rows(0, rows),
                seeds.rows(0, rows),
                tokens.rows(0, rows),
                logprobs.rows(0, rows));
        device.read(tokens, hostTokens);
        device.read(logprobs, hostLogprobs);
    }

    /** What was drawn last for row {@code row}. */
    int token(int row) {
        return hostTokens[row];
    }

    float logprob(int row) {
        return hostLogprobs[row];
    }
}
