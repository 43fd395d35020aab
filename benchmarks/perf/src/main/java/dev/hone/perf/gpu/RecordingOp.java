package dev.hone.perf.gpu;

import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Device.AttentionForm;
import dev.hone.kernels.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * A layer of decoding recorded, beside the same layer asked for anew: the same bits, after its input changed and other
 * operations took more scratch memory too. What cannot be recorded is refused, and the device works on.
 */
final class RecordingOp {

    private static final int ROWS = 24;
    private static final int HEADS = 14;
    private static final int KV_HEADS = 2;
    private static final int HEAD_DIM = 64;
    private static final int WIDTH = HEADS * HEAD_DIM;
    private static final int QKV = (HEADS + 2 * KV_HEADS) * HEAD_DIM;
    private static final int BLOCK_SIZE = 16;
    private static final int BLOCKS_A_ROW = 8;

    private RecordingOp() {}

    static List<Tensor> run(Lab lab, DType type) {
        Device device = lab.device;
        Tensor x = lab.normal(type, 1, ROWS, WIDTH);
        Tensor normed = lab.zeros(type, ROWS, WIDTH);
        Tensor qkv = lab.zeros(type, ROWS, QKV);
        Tensor attended = lab.zeros(type, ROWS, WIDTH);
        Tensor sums = lab.zeros(DType.F32, WIDTH);
        Tensor normWeight = lab.normal(type, 2, WIDTH);
        Tensor weight = lab.normal(type, 3, 0.05, QKV, WIDTH);
        Tensor bias = lab.normal(type, 4, QKV);
        Tensor rstd = lab.zeros(DType.F32, ROWS);
        Tensor keys = lab.normal(type, 5, ROWS * BLOCKS_A_ROW, BLOCK_SIZE, KV_HEADS, HEAD_DIM);
        Tensor values = lab.normal(type, 6, ROWS * BLOCKS_A_ROW, BLOCK_SIZE, KV_HEADS, HEAD_DIM);
        int[] lengths = new int[ROWS];
        int[] slots = new int[ROWS];
        int[] offsets = new int[ROWS + 1];
        int[] table = new int[ROWS * BLOCKS_A_ROW];
        for (int row = 0; row < ROWS; row++) {
            lengths[row] = 1 + (row * 37) % (BLOCK_SIZE * BLOCKS_A_ROW);
            slots[row] = row * BLOCKS_A_ROW * BLOCK_SIZE + lengths[row] - 1;
            offsets[row + 1] = row + 1;
        }
        for (int i = 0; i < table.length; i++) {
            table[i] = i;
        }
        Tensor slotsOf = lab.ints(slots);
        Tensor tableOf = lab.ints(table).reshape(ROWS, BLOCKS_A_ROW);
        Tensor lengthsOf = lab.ints(lengths);
        Tensor offsetsOf = lab.ints(offsets);
        Tensor many = lab.normal(DType.F32, 7, 1000, WIDTH);
        Runnable layer = () -> {
            device.rmsnormForward(x, null, normWeight, 1e-6f, null, normed, rstd);
            device.matmul(normed, false, weight, true, bias, qkv, false);
            Tensor k = heads(qkv, WIDTH, KV_HEADS);
            Tensor v = heads(qkv, WIDTH + KV_HEADS * HEAD_DIM, KV_HEADS);
            device.cacheWrite(k, v, slotsOf, keys, values);
            device.attentionPaged(
                    heads(qkv, 0, HEADS),
                    keys,
                    values,
                    tableOf,
                    lengthsOf,
                    offsetsOf,
                    AttentionForm.causal(0.125f),
                    attended.reshape(ROWS, HEADS, HEAD_DIM));
            device.sumRows(many, sums, true); // in scratch memory, and not the same when done twice
            device.add(x, attended, x);
        };

        float[] start = lab.read(x);
        layer.run();
        layer.run();
        layer.run();
        List<Tensor> results = List.of(x, attended, qkv, keys, sums);
        List<float[]> expected = results.stream().map(lab::read).toList();

        lab.write(start, x);
        device.zero(sums);
        layer.run();
        try (Device.Recording recording = device.record(layer)) {
            recording.replay();
            refuses(device, () -> device.record(() -> lab.read(x)));
            Tensor wide = lab.zeros(DType.F32, 3000);
            device.sumRows(lab.normal(DType.F32, 8, 6000, 3000), wide, false); // the scratch memory grows
            recording.replay();
        }
        for (int i = 0; i < results.size(); i++) {
            if (!Arrays.equals(lab.read(results.get(i)), expected.get(i))) {
                throw new IllegalStateException("a replay has other bits than the operations it recorded");
            }
        }
        return results;
    }

    private static void refuses(Device device, Runnable recorded) {
        if (!device.records()) {
            return;
        }
        try {
            recorded.run();
        } catch (RuntimeException e) {
            if (String.valueOf(e.getMessage()).contains("cannot be recorded")) {
                return;
            }
            throw e;
        }
        throw new IllegalStateException("a read from the device was recorded");
    }

    private static Tensor heads(Tensor qkv, long from, int heads) {
        return qkv.columns(from, from + (long) heads * HEAD_DIM).reshape(ROWS, heads, HEAD_DIM);
    }
}
