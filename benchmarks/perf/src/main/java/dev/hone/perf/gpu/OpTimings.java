package dev.hone.perf.gpu;

import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Device.AttentionForm;
import dev.hone.kernels.EightBitMoments;
import dev.hone.kernels.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How fast operations are, beside two ceilings measured in the same run: a copy of device memory, and a large bfloat16
 * product. Random normal numbers; the median of the calls; between calls the last-level cache is overwritten.
 */
final class OpTimings {

    private static final int CALLS = 30;
    private static final DType TYPE = DType.BF16;

    /**
     * @param unit GB/s of bytes read and written, or TFLOP/s
     * @param extraBytes device memory beside inputs and results, where it was measured
     */
    record Row(
            String what,
            double milliseconds,
            double rate,
            String unit,
            double shareOfCeiling,
            @Nullable Long extraBytes) {}

    private final Device device;
    private final int shrink;
    private final int calls;
    private final Tensor flush;
    private final List<Row> rows = new ArrayList<>();
    private double copyRate;
    private double matmulRate;

    private OpTimings(Device device, Lab lab, int shrink) {
        this.device = device;
        this.flush = lab.zeros(DType.F32, FLUSH_BYTES / 4 / shrink);
        this.shrink = shrink;
        this.calls = shrink > 1 ? 3 : CALLS;
    }

    /** @param shrink divides the sizes, for a trial run on a slower device */
    static List<Row> measure(Device device, int shrink) {
        try (Lab lab = new Lab(device, FLUSH_BYTES)) {
            return new OpTimings(device, lab, shrink).all();
        }
    }

    /** The two ceilings: the rate of a copy, in bytes a second, and of a large product, in operations a second. */
    record Ceilings(double copy, double matmul) {}

    /** @param shrink as for {@link #measure} */
    static Ceilings ceilings(Device device, int shrink) {
        try (Lab lab = new Lab(device, FLUSH_BYTES)) {
            OpTimings timings = new OpTimings(device, lab, shrink);
            timings.copy();
            timings.largeMatmul();
            return new Ceilings(timings.copyRate * 1e9, timings.matmulRate * 1e12);
        }
    }

    private List<Row> all() {
        copy();
        largeMatmul();
        matmuls();
        memoryBound();
        classifier();
        for (int headDim : new int[] {64, 128}) {
            for (int length : new int[] {2048, 4096, 8192, 16_384}) {
                attention(headDim, length);
            }
        }
        for (int sequences : new int[] {1, 16, 256}) {
            decodedAttention(sequences);
        }
        return rows;
    }

    private int scaled(int size) {
        return Math.max(1, size / shrink);
    }

    private void copy() {
        long bytes = (1L << 30) / shrink;
        in(3 * bytes, lab -> {
            Tensor from = lab.normal(DType.F32, 1, bytes / 4);
            Tensor to = lab.zeros(DType.F32, bytes / 4);
            double seconds = time(() -> device.copy(from, to));
            copyRate = 2 * bytes / seconds / 1e9;
            moved("copy", 2 * bytes, seconds);
        });
    }

    private void largeMatmul() {
        int large = scaled(8192);
        matmul("matmul 8192 x 8192 x 8192", large, large, large);
    }

    private void matmuls() {
        int tokens = scaled(16_384);
        matmul("matmul qkv, Qwen2.5-1.5B", tokens, scaled(2048), scaled(1536));
        matmul("matmul gate and up, Qwen2.5-1.5B", tokens, scaled(17_920), scaled(1536));
        matmul("matmul down, Qwen2.5-1.5B", tokens, scaled(1536), scaled(8960));
    }

    private void matmul(String what, int m, int n, int k) {
        in(2L * ((long) m * k + (long) n * k + (long) m * n) + (1 << 20), lab -> {
            Tensor a = lab.normal(TYPE, 1, m, k);
            Tensor b = lab.normal(TYPE, 2, n, k);
            Tensor c = lab.zeros(TYPE, m, n);
            computed(what, 2.0 * m * n * k, time(() -> device.matmul(a, false, b, true, null, c, false)));
        });
    }

    private void memoryBound() {
        int tokens = scaled(16_384);
        int width = 2048;
        int intermediate = 8960;
        long row = (long) tokens * width * 2;
        in(7 * row + (8 << 20), lab -> {
            Tensor x = lab.normal(TYPE, 1, tokens, width);
            Tensor residual = lab.normal(TYPE, 2, tokens, width);
            Tensor weight = lab.normal(TYPE, 3, width);
            Tensor sum = lab.zeros(TYPE, tokens, width);
            Tensor out = lab.zeros(TYPE, tokens, width);
            Tensor rstd = lab.zeros(DType.F32, tokens);
            Tensor dX = lab.zeros(TYPE, tokens, width);
            Tensor dWeight = lab.zeros(DType.F32, width);
            moved(
                    "rmsnorm forward with residual",
                    4 * row,
                    time(() -> device.rmsnormForward(x, residual, weight, 1e-6f, sum, out, rstd)));
            moved(
                    "rmsnorm backward",
                    5 * row,
                    time(() -> device.rmsnormBackward(x, weight, rstd, out, residual, dX, dWeight, out)));
            moved("add", 3 * row, time(() -> device.add(x, residual, out)));
            Tensor heads = x.reshape(tokens, width / 64, 64);
            Tensor angles = lab.normal(DType.F32, 4, 4096, 32);
            Tensor positions = lab.ids(5, tokens, 4096);
            moved("rope", 2 * row, time(() -> device.rope(heads, positions, angles, angles, false)));
        });
        long wide = (long) tokens * intermediate * 2;
        in(6 * wide + (1 << 20), lab -> {
            Tensor gateUp = lab.normal(TYPE, 1, tokens, 2L * intermediate);
            Tensor out = lab.normal(TYPE, 2, tokens, intermediate);
            Tensor dGateUp = lab.zeros(TYPE, tokens, 2L * intermediate);
            moved("swiglu forward", 3 * wide, time(() -> device.swigluForward(gateUp, out)));
            moved("swiglu backward", 6 * wide, time(() -> device.swigluBackward(gateUp, out, dGateUp, out)));
        });
        long n = (256L << 20) / shrink;
        in(18 * n + n / 32 + (1 << 20), lab -> {
            Tensor parameter = lab.normal(TYPE, 1, n);
            Tensor rest = lab.zeros(DType.I16, n);
            Tensor m = lab.normal(DType.F32, 2, n);
            Tensor v = lab.zeros(DType.F32, n);
            Tensor gradient = lab.normal(DType.F32, 3, n);
            Tensor norm = lab.zeros(DType.F32, 1);
            moved("global norm", 4 * n, time(() -> device.globalNorm(gradient, norm)));
            Device.AdamW constants = new Device.AdamW(1e-4f, 0.9f, 0.95f, 1e-8f, 0.1f);
            Runnable step = () -> device.adamw(parameter, rest, m, v, gradient, norm, 1, constants, 5);
            moved("adamw", 28 * n, time(step));
            moved("clip and step", 32 * n, time(() -> {
                device.globalNorm(gradient, norm);
                step.run();
            }));
            EightBitMoments moments = lab.eightBitMoments(n);
            // The moments' 2 bytes and 1 / 32 for each element, there and back.
            long bytes = 16 * n + n / 8;
            moved(
                    "adamw_8bit",
                    bytes,
                    time(() -> device.adamw8bit(parameter, rest, moments, gradient, norm, 1, constants, 5)));
        });
    }

    private void classifier() {
        int tokens = scaled(8192);
        int width = scaled(4096);
        int vocabulary = scaled(131_072);
        // As a model's passes have them.
        int chunk = Math.toIntExact(Math.min(tokens, device.logitRows(width, vocabulary)));
        in(4L * chunk * vocabulary + 6L * vocabulary * width + 8L * tokens * width + (1 << 20), lab -> {
            Tensor x = lab.normal(TYPE, 1, tokens, width);
            Tensor weight = lab.normal(TYPE, 2, 0.02, vocabulary, width);
            int[] targets = lab.readInts(lab.ids(3, tokens, vocabulary));
            Tensor coefficients = lab.normal(DType.F32, 4, tokens);
            Tensor workspace = lab.zeros(DType.F32, chunk, vocabulary);
            Tensor logprobs = lab.zeros(DType.F32, tokens);
            Tensor dX = lab.zeros(TYPE, tokens, width);
            Tensor dWeight = lab.zeros(DType.F32, vocabulary, width);
            long free = device.freeMemory();
            double seconds = time(() -> device.linearCrossEntropy(
                    x, weight, targets, coefficients, 1, workspace, logprobs, null, dX, dWeight));
            computed(
                    "linear cross-entropy, forward and backward",
                    6.0 * tokens * width * vocabulary,
                    seconds,
                    4L * chunk * vocabulary + free - device.freeMemory());
        });
    }

    /** 16,384 tokens of one length, 2048 wide, a kv head for four heads; half of the scores are above the diagonal. */
    private void attention(int headDim, int fullLength) {
        int heads = scaled(2048 / headDim);
        int kvHeads = Math.max(1, heads / 4);
        int length = scaled(fullLength);
        int tokens = scaled(16_384);
        int[] offsets = new int[tokens / length + 1];
        for (int s = 0; s < offsets.length; s++) {
            offsets[s] = s * length;
        }
        float scale = (float) (1 / Math.sqrt(headDim));
        in(20L * tokens * heads * headDim + (4 << 20), lab -> {
            Tensor q = lab.normal(TYPE, 1, tokens, heads, headDim);
            Tensor k = lab.normal(TYPE, 2, tokens, kvHeads, headDim);
            Tensor v = lab.normal(TYPE, 3, tokens, kvHeads, headDim);
            Tensor out = lab.zeros(TYPE, tokens, heads, headDim);
            Tensor dOut = lab.normal(TYPE, 4, tokens, heads, headDim);
            Tensor dQ = lab.zeros(TYPE, tokens, heads, headDim);
            Tensor dK = lab.zeros(TYPE, tokens, kvHeads, headDim);
            Tensor dV = lab.zeros(TYPE, tokens, kvHeads, headDim);
            Tensor lse = lab.zeros(DType.F32, heads, tokens);
            Tensor starts = lab.ints(offsets);
            double forward = 4.0 * tokens * length * heads * headDim / 2;
            String shape = ", head dim " + headDim + ", length " + fullLength;
            computed(
                    "attention forward" + shape,
                    forward,
                    time(() -> device.attentionForward(q, k, v, starts, scale, out, lse)));
            computed(
                    "attention backward" + shape,
                    2.5 * forward,
                    time(() -> device.attentionBackward(q, k, v, starts, scale, out, lse, dOut, dQ, dK, dV)));
        });
    }

    /** Single tokens on 1,024 keys and values of the paged cache each, heads as Qwen2.5-1.5B has them. */
    private void decodedAttention(int sequences) {
        int heads = 12;
        int kvHeads = 2;
        int headDim = 128;
        int blockSize = 16;
        int length = scaled(1024);
        int blocks = (length + blockSize - 1) / blockSize;
        long cached = 2L * sequences * blocks * blockSize * kvHeads * headDim * 2;
        in(cached + 4L * sequences * (heads * headDim + blocks) + (1 << 20), lab -> {
            Tensor q = lab.normal(TYPE, 1, sequences, heads, headDim);
            Tensor k = lab.normal(TYPE, 2, (long) sequences * blocks, blockSize, kvHeads, headDim);
            Tensor v = lab.normal(TYPE, 3, (long) sequences * blocks, blockSize, kvHeads, headDim);
            Tensor out = lab.zeros(TYPE, sequences, heads, headDim);
            Tensor table =
                    lab.ints(IntStream.range(0, sequences * blocks).toArray()).reshape(sequences, blocks);
            Tensor lengths =
                    lab.ints(IntStream.generate(() -> length).limit(sequences).toArray());
            Tensor offsets = lab.ints(IntStream.rangeClosed(0, sequences).toArray());
            AttentionForm form = new AttentionForm((float) (1 / Math.sqrt(headDim)), 0, 0);
            moved(
                    "attention of single tokens, " + sequences + " x 1024 keys",
                    cached,
                    time(() -> device.attentionPaged(q, k, v, table, lengths, offsets, form, out)));
        });
    }

    // ---- measuring -------------------------------------------------------------------------------------------------

    private static final long FLUSH_BYTES = 256 << 20;

    private void in(long bytes, Consumer<Lab> body) {
        try (Lab lab = new Lab(device, bytes)) {
            body.accept(lab);
        }
    }

    /** Seconds of the device: of a call behind one that overwrites the cache, less those of that one alone. */
    private double time(Runnable call) {
        double[] with = new double[calls];
        double[] without = new double[calls];
        for (int i = -2; i < calls; i++) {
            double alone = seconds(() -> device.zero(flush));
            double both = seconds(() -> {
                device.zero(flush);
                call.run();
            });
            if (i >= 0) {
                with[i] = both;
                without[i] = alone;
            }
        }
        Arrays.sort(with);
        Arrays.sort(without);
        return with[calls / 2] - without[calls / 2];
    }

    private double seconds(Runnable work) {
        device.synchronize();
        long start = System.nanoTime();
        work.run();
        device.synchronize();
        return (System.nanoTime() - start) / 1e9;
    }

    private void moved(String what, long bytes, double seconds) {
        double rate = bytes / seconds / 1e9;
        rows.add(new Row(what, seconds * 1e3, rate, "GB/s", rate / copyRate, null));
    }

    private void computed(String what, double operations, double seconds) {
        computed(what, operations, seconds, null);
    }

    /** The first is the ceiling of the others. */
    private void computed(String what, double operations, double seconds, @Nullable Long extraBytes) {
        double rate = operations / seconds / 1e12;
        if (matmulRate == 0) {
            matmulRate = rate;
        }
        rows.add(new Row(what, seconds * 1e3, rate, "TFLOP/s", rate / matmulRate, extraBytes));
    }
}
