package dev.hone.kernels;

import static dev.hone.kernels.Closeness.assertClose;
import static dev.hone.kernels.Closeness.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.kernels.Device.AttentionForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AttentionPagedTest {

    private static final int HEADS = 4;
    private static final int KV_HEADS = 2;
    private static final int BLOCK_SIZE = 4;

    /** Two sequences in shuffled blocks of a cache, beside what training's attention makes of them. */
    private static final class Scene {

        final int headDim;
        final int[] lengths;
        final int[] offsets;
        final int[] blockTable;
        final int maxBlocks;
        final AttentionForm form;
        final Tensor q;
        final Tensor k;
        final Tensor v;
        final Tensor expected;
        final Tensor kCache;
        final Tensor vCache;
        final Fixture on;

        Scene(Fixture on, DType dtype, long seed, int headDim, int window, float softcap, int... lengths) {
            this.on = on;
            this.headDim = headDim;
            this.lengths = lengths;
            Random random = new Random(seed);
            int tokens = Arrays.stream(lengths).sum();
            offsets = new int[lengths.length + 1];
            for (int s = 0; s < lengths.length; s++) {
                offsets[s + 1] = offsets[s] + lengths[s];
            }
            maxBlocks = (Arrays.stream(lengths).max().orElseThrow() + BLOCK_SIZE - 1) / BLOCK_SIZE;
            List<Integer> blocks = new ArrayList<>();
            for (int b = 0; b < lengths.length * maxBlocks; b++) {
                blocks.add(b);
            }
            Collections.shuffle(blocks, random);
            blockTable = blocks.stream().mapToInt(b -> b).toArray();
            form = new AttentionForm((float) (1 / Math.sqrt(headDim)), window, softcap);
            // q, k and v stand side by side, as one product leaves them.
            int width = (HEADS + 2 * KV_HEADS) * headDim;
            Tensor qkv = on.tensor(dtype, Fixture.normal(random, tokens * width), tokens, width);
            q = qkv.columns(0, HEADS * headDim).reshape(tokens, HEADS, headDim);
            k = qkv.columns(HEADS * headDim, (HEADS + KV_HEADS) * headDim).reshape(tokens, KV_HEADS, headDim);
            v = qkv.columns((HEADS + KV_HEADS) * headDim, width).reshape(tokens, KV_HEADS, headDim);
            expected = on.zeros(dtype, tokens, HEADS, headDim);
            on.device.attentionForward(q, k, v, on.ints(offsets), form, expected, on.zeros(DType.F32, HEADS, tokens));
            kCache = on.zeros(dtype, blocks.size(), BLOCK_SIZE, KV_HEADS, headDim);
            vCache = on.zeros(dtype, blocks.size(), BLOCK_SIZE, KV_HEADS, headDim);
        }

        int slot(int sequence, int position) {
            return blockTable[sequence * maxBlocks + position / BLOCK_SIZE] * BLOCK_SIZE + position % BLOCK_SIZE;
        }

        void cacheAll() {
            int[] slots = new int[offsets[lengths.length]];
            for (int s = 0; s < lengths.length; s++) {
                for (int i = 0; i < lengths[s]; i++) {
                    slots[offsets[s] + i] = slot(s, i);
                }
            }
            on.device.cacheWrite(k, v, on.ints(slots), kCache, vCache);
        }

        /** The last {@code queries[s]} tokens of the first {@code cached[s]} of each sequence. */
        float[] attend(int[] queries, int[] cached) {
            int total = Arrays.stream(queries).sum();
            Tensor out = on.zeros(q.dtype(), total, HEADS, headDim);
            Tensor packed = on.zeros(q.dtype(), total, HEADS, headDim);
            int[] starts = new int[queries.length + 1];
            for (int s = 0; s < queries.length; s++) {
                starts[s + 1] = starts[s] + queries[s];
                for (int i = 0; i < queries[s]; i++) {
                    int row = offsets[s] + cached[s] - queries[s] + i;
                    on.device.copy(q.rows(row, row + 1), packed.rows(starts[s] + i, starts[s] + i + 1));
                }
            }
            on.device.attentionPaged(
                    packed,
                    kCache,
                    vCache,
                    on.ints(blockTable).reshape(queries.length, maxBlocks),
                    on.ints(cached),
                    on.ints(starts),
                    form,
                    out);
            return on.read(out);
        }

        float[] expected(int[] queries, int[] cached) {
            float[] all = new float[0];
            for (int s = 0; s < queries.length; s++) {
                float[] rows = on.read(expected.rows(offsets[s] + cached[s] - queries[s], offsets[s] + cached[s]));
                int before = all.length;
                all = Arrays.copyOf(all, before + rows.length);
                System.arraycopy(rows, 0, all, before, rows.length);
            }
            return all;
        }
    }

    @OnEachDevice
    void agreesWithTrainingsAttention(String device) {
        for (int headDim : new int[] {5, 32}) {
            try (Fixture on = Fixture.on(device)) {
                Scene scene =
                        new Scene(on, DType.F32, 1, headDim, headDim == 5 ? 0 : 4, headDim == 5 ? 0 : 1.5f, 9, 1, 14);
                scene.cacheAll();
                for (int[][] call : new int[][][] {
                    {{9, 1, 14}, {9, 1, 14}},
                    {{1, 1, 1}, {9, 1, 14}},
                    {{4, 1, 3}, {9, 1, 10}},
                    {{1, 0, 2}, {3, 1, 8}}
                }) {
                    assertClose(
                            "queries " + Arrays.toString(call[0]) + " of " + Arrays.toString(call[1]),
                            scene.attend(call[0], call[1]),
                            scene.expected(call[0], call[1]),
                            1e-5);
                }
            }
        }
    }

    @Test
    void cpuDecodingHasTheBitsOfTraining() {
        for (DType dtype : new DType[] {DType.F32, DType.BF16}) {
            for (int headDim : new int[] {7, 32, 64, 123}) {
                decode(dtype, headDim, 0, 0);
            }
        }
    }

    @Test
    void cpuDecodingThroughAWindowHasTheBitsOfTraining() {
        for (int window : new int[] {1, 19, 128, 149}) {
            decode(DType.F32, 32, window, 0);
            decode(DType.F32, 24, window, 0.9f);
        }
    }

    private static void decode(DType dtype, int headDim, int window, float softcap) {
        String what = "%s, headDim %d, window %d: ".formatted(dtype, headDim, window);
        try (Fixture on = Fixture.on("cpu")) {
            Scene scene = new Scene(on, dtype, 2, headDim, window, softcap, 71, 150);
            scene.cacheAll();
            assertSameBits(
                    what + "prompts",
                    scene.attend(new int[] {71, 150}, new int[] {71, 150}),
                    scene.expected(new int[] {71, 150}, new int[] {71, 150}));
            for (int length = 1; length <= 71; length++) {
                int[] queries = {1, 1};
                int[] cached = {length, 2 * length};
                assertSameBits(
                        what + "token " + length, scene.attend(queries, cached), scene.expected(queries, cached));
            }
            int[] pieces = {13, 40};
            assertSameBits(
                    what + "pieces of prompts",
                    scene.attend(pieces, new int[] {60, 120}),
                    scene.expected(pieces, new int[] {60, 120}));
        }
    }

    @OnEachDevice
    void cacheWriteTouchesItsSlotsOnly(String device) {
        try (Fixture on = Fixture.on(device)) {
            Random random = new Random(3);
            float[] k = Fixture.normal(random, 2 * 6);
            float[] v = Fixture.normal(random, 2 * 6);
            Tensor kCache = on.zeros(DType.F32, 2, 3, 2, 3);
            Tensor vCache = on.zeros(DType.F32, 2, 3, 2, 3);
            on.device.cacheWrite(
                    on.spaced(DType.F32, 2, k, 2, 2, 3),
                    on.spaced(DType.F32, 1, v, 2, 2, 3),
                    on.ints(4, 1),
                    kCache,
                    vCache);
            float[] expected = new float[36];
            System.arraycopy(k, 0, expected, 24, 6);
            System.arraycopy(k, 6, expected, 6, 6);
            assertThat(on.read(kCache)).isEqualTo(expected);
            System.arraycopy(v, 0, expected, 24, 6);
            System.arraycopy(v, 6, expected, 6, 6);
            assertThat(on.read(vCache)).isEqualTo(expected);
        }
    }

    @OnEachDevice
    void refusesCachesOfAnotherShape(String device) {
        try (Fixture on = Fixture.on(device)) {
            Tensor q = on.zeros(DType.F32, 1, 2, 4);
            Tensor cache = on.zeros(DType.F32, 1, 4, 2, 5);
            assertThatThrownBy(() -> on.device.cacheWrite(q, q, on.ints(0), cache, cache))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("kCache is F32[1, 4, 2, 5] on " + device)
                    .hasMessageContaining("expected F32[blocks, blockSize, kvHeads, 4]");
            Tensor right = on.zeros(DType.F32, 1, 4, 2, 4);
            assertThatThrownBy(() -> on.device.attentionPaged(
                            q, right, right, on.ints(0).reshape(1, 1), on.ints(1, 1), on.ints(0, 1), 1, q))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("lengths is I32[2] on " + device + ", expected I32[1]");
        }
    }
}
