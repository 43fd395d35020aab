package dev.hone.kernels.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Device.AttentionForm;
import dev.hone.kernels.Gpu;
import dev.hone.kernels.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The copies that ND4J's CUDA backend works on, with its native backend, beside its views of the memory. */
class HostArraysTest {

    private static final int TOKENS = 7;
    private static final int HEADS = 4;
    private static final int KV_HEADS = 2;
    private static final int HEAD_DIM = 6;

    @Test
    void operationsOnCopiesGiveTheSame() {
        List<float[]> views;
        List<float[]> copies;
        try (Device device = new Nd4jDevice(false)) {
            views = results(device);
        }
        try (Device device = new Nd4jDevice(true)) {
            copies = results(device);
        }
        assertThat(copies).hasSameSizeAs(views);
        for (int i = 0; i < views.size(); i++) {
            // Not the same bits: the product of a matrix with spaced rows adds up in another order.
            assertThat(copies.get(i)).as("result " + i).containsExactly(views.get(i), within(1e-5f));
        }
    }

    @Test
    void refusesGpusThatTheBackendHasNoCodeFor() {
        Nd4jCuda.require(new Gpu("NVIDIA A100", "8.0", 1));
        Nd4jCuda.require(new Gpu("NVIDIA L4", "8.9", 1));
        assertThatThrownBy(() -> Nd4jCuda.require(new Gpu("NVIDIA H100", "9.0", 1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("none for NVIDIA H100, of 9.0: take the cuda device");
        assertThatThrownBy(() -> Nd4jCuda.require(new Gpu("Tesla K20", "3.5", 1)))
                .isInstanceOf(IllegalStateException.class);
    }

    /** Operations with spaced rows, in place, that add to their output, and outside of any workspace. */
    private static List<float[]> results(Device device) {
        List<float[]> results = new ArrayList<>();
        try (Arena arena = device.arena(1 << 20)) {
            Random random = new Random(3);
            int width = (HEADS + 2 * KV_HEADS) * HEAD_DIM;
            Tensor x = normal(random, arena, device, TOKENS, 10);
            Tensor weight = normal(random, arena, device, width, 10);
            Tensor qkv = normal(random, arena, device, TOKENS, width);
            Tensor dQkv = normal(random, arena, device, TOKENS, width);
            device.matmul(x, false, weight, true, null, qkv, true);
            Tensor positions = ints(arena, device, 0, 1, 2, 3, 0, 1, 2);
            Tensor offsets = ints(arena, device, 0, 4, 7);
            Tensor turns = normal(random, arena, device, 8, HEAD_DIM / 2);
            device.rope(heads(qkv, 0, HEADS + KV_HEADS), positions, turns, turns, false);
            Tensor out = normal(random, arena, device, TOKENS, HEADS * HEAD_DIM);
            Tensor attended = out.reshape(TOKENS, HEADS, HEAD_DIM);
            Tensor lse = normal(random, arena, device, HEADS, TOKENS);
            AttentionForm form = AttentionForm.causal(0.4f);
            Tensor q = heads(qkv, 0, HEADS);
            Tensor k = heads(qkv, HEADS, KV_HEADS);
            Tensor v = heads(qkv, HEADS + KV_HEADS, KV_HEADS);
            device.attentionForward(q, k, v, offsets, form, attended, lse);
            device.attentionBackward(
                    q,
                    k,
                    v,
                    offsets,
                    form,
                    attended,
                    lse,
                    attended,
                    heads(dQkv, 0, HEADS),
                    heads(dQkv, HEADS, KV_HEADS),
                    heads(dQkv, HEADS + KV_HEADS, KV_HEADS));
            Tensor cache = normal(random, arena, device, 16, KV_HEADS * HEAD_DIM);
            Tensor blocks = cache.reshape(4, 4, KV_HEADS, HEAD_DIM);
            device.cacheWrite(k, v, ints(arena, device, 9, 8, 3, 2, 12, 13, 0), blocks, blocks);
            Tensor sums = normal(random, arena, device, 10);
            device.sumRows(x, sums, true);
            Tensor norm = normal(random, arena, device, 1);
            device.globalNorm(qkv, norm);
            Tensor m = normal(random, arena, device, TOKENS, width);
            Tensor second = arena.allocate(DType.F32, TOKENS, width);
            float[] ones = new float[TOKENS * width];
            Arrays.fill(ones, 1);
            device.write(ones, second);
            device.adamw(qkv, null, m, second, dQkv, norm, 1, new Device.AdamW(0.1f, 0.9f, 0.99f, 1e-8f, 0.01f), 3);
            int[] targets = {1, 5, -1, 2, 0, 3, 9};
            Tensor logprobs = normal(random, arena, device, TOKENS);
            Tensor dX = normal(random, arena, device, TOKENS, 10);
            Tensor dWeight = normal(random, arena, device, width, 10);
            device.linearCrossEntropy(
                    x,
                    weight,
                    targets,
                    normal(random, arena, device, TOKENS),
                    null,
                    1,
                    0,
                    normal(random, arena, device, 3, width),
                    logprobs,
                    null,
                    dX,
                    dWeight);
            for (Tensor result : List.of(qkv, dQkv, out, lse, cache, sums, norm, m, second, logprobs, dX, dWeight)) {
                float[] values = new float[(int) result.size()];
                device.read(result, values);
                results.add(values);
            }
        }
        return results;
    }

    private static Tensor heads(Tensor qkv, int from, int heads) {
        return qkv.columns((long) from * HEAD_DIM, (long) (from + heads) * HEAD_DIM)
                .reshape(TOKENS, heads, HEAD_DIM);
    }

    private static Tensor normal(Random random, Arena arena, Device device, long... shape) {
        Tensor tensor = arena.allocate(DType.F32, shape);
        float[] values = new float[(int) tensor.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (0.3 * random.nextGaussian());
        }
        device.write(values, tensor);
        return tensor;
    }

    private static Tensor ints(Arena arena, Device device, int... values) {
        Tensor tensor = arena.allocate(DType.I32, values.length);
        device.write(values, tensor);
        return tensor;
    }
}
