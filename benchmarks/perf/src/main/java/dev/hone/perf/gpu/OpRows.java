package dev.hone.perf.gpu;

import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Device.AttentionForm;
import dev.hone.kernels.EightBitMoments;
import dev.hone.kernels.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.stream.IntStream;

/** The operations that are timed, on random normal numbers. torch_peer.py has the rows of the same names. */
final class OpRows {

    static final String COPY = "copy";
    static final String LARGE_MATMUL = "matmul 8192 x 8192 x 8192";

    private static final DType TYPE = DType.BF16;

    /**
     * An operation.
     *
     * @param unit of its rate: GB/s of bytes read and written, or TFLOP/s
     * @param work those bytes, or the operations of a call
     * @param bytes of device memory that its tensors take
     * @param workspace those of them that are neither inputs nor results, where memory is compared; else 0
     * @param prepare makes the tensors, and gives the call to be timed
     */
    record Row(String what, String unit, double work, long bytes, long workspace, Function<Lab, Runnable> prepare) {}

    private final Device device;
    private final int shrink;
    private final List<Row> rows = new ArrayList<>();

    /** @param shrink divides the sizes, for a trial run on a slower device */
    OpRows(Device device, int shrink) {
        this.device = device;
        this.shrink = shrink;
        copy();
        int large = scaled(8192);
        matmul(LARGE_MATMUL, large, large, large);
        int tokens = scaled(16_384);
        matmul("matmul qkv, Qwen2.5-1.5B", tokens, scaled(2048), scaled(1536));
        matmul("matmul gate and up, Qwen2.5-1.5B", tokens, scaled(17_920), scaled(1536));
        matmul("matmul down, Qwen2.5-1.5B", tokens, scaled(1536), scaled(8960));
        for (int headDim : new int[] {64, 96, 128}) {
            for (int length : new int[] {2048, 4096, 8192, 16_384}) {
                attention(headDim, length);
            }
        }
        for (int sequences : new int[] {1, 16, 256}) {
            decodedAttention(sequences);
        }
        classifier();
        optimizer();
        norms();
        swiglu();
    }

    List<Row> all() {
        return rows;
    }

    private int scaled(int size) {
        return Math.max(1, size / shrink);
    }

    private void copy() {
        long bytes = (1L << 30) / shrink;
        moved(COPY, 2 * bytes, 3 * bytes, lab -> {
            Tensor from = lab.normal(DType.F32, 1, bytes / 4);
            Tensor to = lab.zeros(DType.F32, bytes / 4);
            return () -> device.copy(from, to);
        });
    }

    private void matmul(String what, int m, int n, int k) {
        long bytes = 2L * ((long) m * k + (long) n * k + (long) m * n) + (1 << 20);
        computed(what, 2.0 * m * n * k, bytes, 0, lab -> {
            Tensor a = lab.normal(TYPE, 1, m, k);
            Tensor b = lab.normal(TYPE, 2, n, k);
            Tensor c = lab.zeros(TYPE, m, n);
            return () -> device.matmul(a, false, b, true, null, c, false);
        });
    }

    /** 16,384 tokens of one length, about 2048 wide, a kv head for four heads; half of the scores are above the diagonal. */
    private void attention(int headDim, int fullLength) {
        int kvHeads = Math.max(1, 2048 / headDim / 4 / shrink);
        int heads = shrink == 1 ? 4 * kvHeads : kvHeads;
        int length = scaled(fullLength);
        int tokens = scaled(16_384);
        float scale = (float) (1 / Math.sqrt(headDim));
        double forward = 4.0 * tokens * length * heads * headDim / 2;
        long bytes = 20L * tokens * heads * headDim + (4 << 20);
        String shape = ", head dim " + headDim + ", length " + fullLength;
        computed("attention forward" + shape, forward, bytes, 0, lab -> {
            Attention a = new Attention(lab, tokens, length, heads, kvHeads, headDim);
            return () -> device.attentionForward(a.q, a.k, a.v, a.starts, scale, a.out, a.lse);
        });
        computed("attention backward" + shape, 2.5 * forward, bytes, 0, lab -> {
            Attention a = new Attention(lab, tokens, length, heads, kvHeads, headDim);
            Tensor dOut = lab.normal(TYPE, 4, tokens, heads, headDim);
            Tensor dQ = lab.zeros(TYPE, tokens, heads, headDim);
            Tensor dK = lab.zeros(TYPE, tokens, kvHeads, headDim);
            Tensor dV = lab.zeros(TYPE, tokens, kvHeads, headDim);
            device.attentionForward(a.q, a.k, a.v, a.starts, scale, a.out, a.lse);
            return () -> device.attentionBackward(a.q, a.k, a.v, a.starts, scale, a.out, a.lse, dOut, dQ, dK, dV);
        });
    }

    private static final class Attention {
        final Tensor q;
        final Tensor k;
        final Tensor v;
        final Tensor starts;
        final Tensor out;
        final Tensor lse;

        Attention(Lab lab, int tokens, int length, int heads, int kvHeads, int headDim) {
            q = lab.normal(TYPE, 1, tokens, heads, headDim);
            k = lab.normal(TYPE, 2, tokens, kvHeads, headDim);
            v = lab.normal(TYPE, 3, tokens, kvHeads, headDim);
            starts = lab.ints(IntStream.rangeClosed(0, tokens / length)
                    .map(sequence -> sequence * length)
                    .toArray());
            out = lab.zeros(TYPE, tokens, heads, headDim);
            lse = lab.zeros(DType.F32, heads, tokens);
        }
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
        long bytes = cached + 4L * sequences * (heads * headDim + blocks) + (1 << 20);
        moved("attention of single tokens, " + sequences + " x 1024 keys", cached, bytes, lab -> {
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
            return () -> device.attentionPaged(q, k, v, table, lengths, offsets, form, out);
        });
    }

    private void classifier() {
        int tokens = scaled(8192);
        int width = scaled(4096);
        int vocabulary = scaled(131_072);
        // As a model's passes have them.
        int chunk = Math.toIntExact(Math.min(tokens, device.logitRows(width, vocabulary)));
        long workspaceBytes = 4L * chunk * vocabulary;
        long bytes = workspaceBytes + 6L * vocabulary * width + 8L * tokens * width + (1 << 20);
        double work = 6.0 * tokens * width * vocabulary;
        computed("linear cross-entropy, forward and backward", work, bytes, workspaceBytes, lab -> {
            Tensor x = lab.normal(TYPE, 1, tokens, width);
            Tensor weight = lab.normal(TYPE, 2, 0.02, vocabulary, width);
            int[] targets = lab.readInts(lab.ids(3, tokens, vocabulary));
            Tensor coefficients = lab.normal(DType.F32, 4, tokens);
            Tensor workspace = lab.zeros(DType.F32, chunk, vocabulary);
            Tensor logprobs = lab.zeros(DType.F32, tokens);
            Tensor dX = lab.zeros(TYPE, tokens, width);
            Tensor dWeight = lab.zeros(DType.F32, vocabulary, width);
            return () -> device.linearCrossEntropy(
                    x, weight, targets, coefficients, 1, workspace, logprobs, null, dX, dWeight);
        });
    }

    private void norms() {
        int tokens = scaled(16_384);
        int width = 2048;
        long row = (long) tokens * width * 2;
        long bytes = 5 * row + (8 << 20);
        moved("rmsnorm forward with residual", 4 * row, bytes, lab -> {
            Tensor x = lab.normal(TYPE, 1, tokens, width);
            Tensor residual = lab.normal(TYPE, 2, tokens, width);
            Tensor weight = lab.normal(TYPE, 3, width);
            Tensor sum = lab.zeros(TYPE, tokens, width);
            Tensor out = lab.zeros(TYPE, tokens, width);
            Tensor rstd = lab.zeros(DType.F32, tokens);
            return () -> device.rmsnormForward(x, residual, weight, 1e-6f, sum, out, rstd);
        });
        moved("rmsnorm backward", 5 * row, bytes, lab -> {
            Tensor x = lab.normal(TYPE, 1, tokens, width);
            Tensor residual = lab.normal(TYPE, 2, tokens, width);
            Tensor weight = lab.normal(TYPE, 3, width);
            Tensor out = lab.zeros(TYPE, tokens, width);
            Tensor rstd = lab.zeros(DType.F32, tokens);
            Tensor dX = lab.zeros(TYPE, tokens, width);
            Tensor dWeight = lab.zeros(DType.F32, width);
            device.rmsnormForward(x, null, weight, 1e-6f, null, out, rstd);
            return () -> device.rmsnormBackward(x, weight, rstd, out, residual, dX, dWeight, out);
        });
        moved("add", 3 * row, bytes, lab -> {
            Tensor x = lab.normal(TYPE, 1, tokens, width);
            Tensor residual = lab.normal(TYPE, 2, tokens, width);
            Tensor out = lab.zeros(TYPE, tokens, width);
            return () -> device.add(x, residual, out);
        });
        moved("rope", 2 * row, bytes, lab -> {
            Tensor heads = lab.normal(TYPE, 1, tokens, width / 64, 64);
            Tensor cos = angles(lab, Math::cos);
            Tensor sin = angles(lab, Math::sin);
            Tensor positions = lab.ids(5, tokens, 4096);
            return () -> device.rope(heads, positions, cos, sin, false);
        });
    }

    /** Of real angles: calls turn the same numbers on and on, and must not make them grow. */
    private static Tensor angles(Lab lab, DoubleUnaryOperator function) {
        double[] values =
                new Random(4).doubles(4096 * 32, 0, 2 * Math.PI).map(function).toArray();
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return lab.floats(floats).reshape(4096, 32);
    }

    private void swiglu() {
        int tokens = scaled(16_384);
        int intermediate = 8960;
        long row = (long) tokens * intermediate * 2;
        moved("swiglu forward", 3 * row, 3 * row + (1 << 20), lab -> {
            Tensor gateUp = lab.normal(TYPE, 1, tokens, 2L * intermediate);
            Tensor out = lab.zeros(TYPE, tokens, intermediate);
            return () -> device.swigluForward(gateUp, out);
        });
        moved("swiglu backward", 6 * row, 5 * row + (1 << 20), lab -> {
            Tensor gateUp = lab.normal(TYPE, 1, tokens, 2L * intermediate);
            Tensor out = lab.normal(TYPE, 2, tokens, intermediate);
            Tensor dGateUp = lab.zeros(TYPE, tokens, 2L * intermediate);
            return () -> device.swigluBackward(gateUp, out, dGateUp, out);
        });
    }

    private void optimizer() {
        long n = (256L << 20) / shrink;
        long bytes = 16 * n + (1 << 20);
        moved("global norm", 4 * n, 4 * n + (1 << 20), lab -> {
            Tensor gradient = lab.normal(DType.F32, 3, n);
            Tensor norm = lab.zeros(DType.F32, 1);
            return () -> device.globalNorm(gradient, norm);
        });
        moved("adamw", 28 * n, bytes, lab -> {
            Tensor gradient = lab.normal(DType.F32, 3, n);
            Tensor norm = lab.zeros(DType.F32, 1);
            device.globalNorm(gradient, norm);
            return adamw(lab, gradient, norm);
        });
        moved("clip and step", 32 * n, bytes, lab -> {
            Tensor gradient = lab.normal(DType.F32, 3, n);
            Tensor norm = lab.zeros(DType.F32, 1);
            Runnable step = adamw(lab, gradient, norm);
            return () -> {
                device.globalNorm(gradient, norm);
                step.run();
            };
        });
        // The moments' 2 bytes and 1 / 32 for each element, there and back.
        moved("adamw_8bit", 16 * n + n / 8, 10 * n + n / 32 + (1 << 20), lab -> {
            Tensor parameter = lab.normal(TYPE, 1, n);
            Tensor rest = lab.zeros(DType.I16, n);
            EightBitMoments moments = lab.eightBitMoments(n);
            Tensor gradient = lab.normal(DType.F32, 3, n);
            Tensor norm = lab.zeros(DType.F32, 1);
            device.globalNorm(gradient, norm);
            return () -> device.adamw8bit(parameter, rest, moments, gradient, norm, 1, CONSTANTS, 5);
        });
    }

    private static final Device.AdamW CONSTANTS = new Device.AdamW(1e-4f, 0.9f, 0.95f, 1e-8f, 0.1f);

    private Runnable adamw(Lab lab, Tensor gradient, Tensor norm) {
        Tensor parameter = lab.normal(TYPE, 1, gradient.size());
        Tensor rest = lab.zeros(DType.I16, gradient.size());
        Tensor m = lab.normal(DType.F32, 2, gradient.size());
        Tensor v = lab.zeros(DType.F32, gradient.size());
        return () -> device.adamw(parameter, rest, m, v, gradient, norm, 1, CONSTANTS, 5);
    }

    private void moved(String what, long work, long bytes, Function<Lab, Runnable> prepare) {
        rows.add(new Row(what, "GB/s", work, bytes, 0, prepare));
    }

    private void computed(String what, double work, long bytes, long workspace, Function<Lab, Runnable> prepare) {
        rows.add(new Row(what, "TFLOP/s", work, bytes, workspace, prepare));
    }
}
