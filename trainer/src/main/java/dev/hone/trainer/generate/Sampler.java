package dev.hone.trainer.generate;

import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Device.Arrival;
import dev.hone.kernels.Tensor;
import java.util.Arrays;

/**
 * Draws a token for each row of a batch in one call: {@link #upload}, {@link #draw}, {@link #drawn}, {@link #receive}. Only
 * the draw, which can be recorded, is the device's own.
 */
final class Sampler {

    private final Device device;
    private final Tensor temperatures; // [maxBatch], like all below
    private final Tensor topKs;
    private final Tensor topPs;
    private final Tensor minPs;
    private final Tensor seeds;
    private final Tensor drawn; // [2 maxBatch]: tokens, and logprobs bit by bit, to come back in one read
    private final Tensor tokens;
    private final Tensor logprobs;
    private final float[] hostTemperatures;
    private final int[] hostTopKs;
    private final float[] hostTopPs;
    private final float[] hostMinPs;
    private final long[] hostSeeds;
    private final int[] hostDrawn;
    private boolean settingsChanged = true;

    Sampler(Device device, Arena arena, int maxBatch) {
        this.device = device;
        this.temperatures = arena.allocate(DType.F32, maxBatch);
        this.topKs = arena.allocate(DType.I32, maxBatch);
        this.topPs = arena.allocate(DType.F32, maxBatch);
        this.minPs = arena.allocate(DType.F32, maxBatch);
        this.seeds = arena.allocate(DType.I64, maxBatch);
        this.drawn = arena.allocate(DType.I32, 2L * maxBatch);
        this.tokens = drawn.rows(0, maxBatch);
        this.logprobs = Tensor.at(
                drawn.device(), DType.F32, drawn.rows(maxBatch, 2L * maxBatch).address(), maxBatch);
        this.hostTemperatures = new float[maxBatch];
        this.hostTopKs = new int[maxBatch];
        this.hostTopPs = new float[maxBatch];
        this.hostMinPs = new float[maxBatch];
        this.hostSeeds = new long[maxBatch];
        Arrays.fill(hostTopPs, 1);
        this.hostDrawn = new int[2 * maxBatch];
    }

    /** Bytes of the arena that the constructor takes. */
    static long bytes(int maxBatch) {
        return 4 * Arena.bytes(DType.F32, maxBatch)
                + Arena.bytes(DType.I64, maxBatch)
                + Arena.bytes(DType.I32, 2L * maxBatch);
    }

    /** How row {@code row} is drawn from now on. */
    void set(int row, SamplingOptions options) {
        float temperature = (float) options.temperature();
        float topP = (float) options.topP();
        float minP = (float) options.minP();
        if (hostTemperatures[row] != temperature
                || hostTopKs[row] != options.topK()
                || hostTopPs[row] != topP
                || hostMinPs[row] != minP) {
            hostTemperatures[row] = temperature;
            hostTopKs[row] = options.topK();
            hostTopPs[row] = topP;
            hostMinPs[row] = minP;
            settingsChanged = true;
        }
    }

    /** What row {@code row} is drawn with next. */
    void seed(int row, long seed) {
        hostSeeds[row] = seed;
    }

    /** Carries to the device what was set. */
    void upload() {
        if (settingsChanged) {
            device.write(hostTemperatures, temperatures);
            device.write(hostTopKs, topKs);
            device.write(hostTopPs, topPs);
            device.write(hostMinPs, minPs);
            settingsChanged = false;
        }
        device.write(hostSeeds, seeds);
    }

    /** @param logits {@code [rows, vocabulary]} */
    void draw(Tensor logits) {
        long rows = logits.dim(0);
        device.sample(
                logits,
                temperatures.rows(0, rows),
                topKs.rows(0, rows),
                topPs.rows(0, rows),
                minPs.rows(0, rows),
                seeds.rows(0, rows),
                tokens.rows(0, rows),
                logprobs.rows(0, rows));
    }

    /** The tokens drawn last, on the device. */
    Tensor tokens() {
        return tokens;
    }

    /** Has what was drawn come, whenever it is there. */
    Arrival drawn() {
        return device.readLater(drawn);
    }

    /** Waits for what was drawn. */
    void receive(Arrival arrival) {
        arrival.await(hostDrawn);
    }

    /** What was received last for row {@code row}. */
    int token(int row) {
        return hostDrawn[row];
    }

    float logprob(int row) {
        return Float.intBitsToFloat(hostDrawn[hostDrawn.length / 2 + row]);
    }
}
