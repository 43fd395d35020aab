package dev.hone.trainer.model;

import static dev.hone.trainer.model.Models.difference;
import static dev.hone.trainer.model.Models.floats;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.datasets.text.TokenizedPair;
import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import dev.hone.trainer.OnEachDevice;
import dev.hone.trainer.TestDevices;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A pass over the cache, whatever parts the sequences come in, against a pass over the whole sequences. */
class CachedForwardTest {

    private static final int BLOCK_SIZE = 4;
    private static final int MAX_BLOCKS = 5;

    @OnEachDevice
    void logitsAreThoseOfATrainingPass(String name) {
        try (Device device = TestDevices.open(name)) {
            for (ModelConfig config : Models.ALL) {
                compare(device, config, DType.F32, name.equals("cpu"));
            }
        }
    }

    @Test
    void inBfloat16TooTheyHaveTheSameBits() {
        try (Device device = TestDevices.open("cpu")) {
            for (ModelConfig config : Models.ALL) {
                compare(device, config, DType.BF16, true);
            }
        }
    }

    private static void compare(Device device, ModelConfig config, DType dtype, boolean exact) {
        List<TokenizedPair> pairs = Models.pairs(5, 18, 7, 11);
        Batch batch = Batch.pack(pairs);
        int vocabulary = config.vocabularySize();
        try (Transformer transformer = Models.random(
                        device, config, TransformerOptions.training(40).withDtype(dtype));
                KvCache cache = new KvCache(device, config, transformer.dtype(), 16, BLOCK_SIZE);
                Arena arena = device.arena(1 << 20)) {
            Tensor whole = arena.allocate(DType.F32, batch.size(), vocabulary);
            transformer.logits(batch, whole);
            float[] expected = floats(whole);
            // Chunks of a prompt, single tokens, and sequences that sit a step out.
            int[] done = new int[pairs.size()];
            for (int[] counts : new int[][] {{5, 7, 1}, {6, 0, 1}, {1, 0, 4}, {1, 0, 1}, {5, 0, 4}}) {
                int[] from = done.clone();
                Tensor logits = step(transformer, cache, arena, pairs, done, counts);
                int row = 0;
                for (int s = 0; s < counts.length; s++) {
                    for (int i = 0; i < counts[s]; i++, row++) {
                        float[] got = floats(logits.rows(row, row + 1));
                        int at = (batch.offsets()[s] + from[s] + i) * vocabulary;
                        float[] want = Arrays.copyOfRange(expected, at, at + vocabulary);
                        if (exact) {
                            assertThat(got).isEqualTo(want);
                        } else {
                            assertThat(difference(got, want)).isLessThan(1e-5);
                        }
                    }
                }
            }
            assertThat(done).containsExactly(18, 7, 11);
        }
    }

    /** Feeds the next {@code counts[s]} tokens of each sequence and returns the logits of all of them. */
    private static Tensor step(
            Transformer transformer, KvCache cache, Arena arena, List<TokenizedPair> pairs, int[] done, int[] counts) {
        List<Integer> ids = new ArrayList<>();
        List<Integer> positions = new ArrayList<>();
        List<Integer> slots = new ArrayList<>();
        List<Integer> offsets = new ArrayList<>(List.of(0));
        List<Integer> lengths = new ArrayList<>();
        List<Integer> table = new ArrayList<>();
        for (int s = 0; s < counts.length; s++) {
            if (counts[s] == 0) {
                continue;
            }
            for (int i = 0; i < counts[s]; i++, done[s]++) {
                ids.add(pairs.get(s).tokens()[done[s]]);
                positions.add(done[s]);
                slots.add(block(s, done[s] / BLOCK_SIZE) * BLOCK_SIZE + done[s] % BLOCK_SIZE);
            }
            offsets.add(ids.size());
            lengths.add(done[s]);
            for (int b = 0; b < MAX_BLOCKS; b++) {
                table.add(block(s, b));
            }
        }
        int tokens = ids.size();
        int vocabulary = transformer.config().vocabularySize();
        int[] rows = new int[tokens];
        Arrays.setAll(rows, i -> i);
        Tensor logits = arena.allocate(DType.F32, tokens, vocabulary);
        transformer.forwardCached(
                new CachedBatch(
                        ints(arena, ids),
                        ints(arena, positions),
                        ints(arena, slots),
                        ints(arena, offsets),
                        ints(arena, lengths),
                        ints(arena, table).reshape(lengths.size(), MAX_BLOCKS)),
                cache,
                ints(arena, Arrays.stream(rows).boxed().toList()),
                logits);
        return logits;
    }

    /** Blocks of the three sequences lie interleaved and backwards. */
    private static int block(int sequence, int i) {
        return 14 - 3 * i - sequence;
    }

    private static Tensor ints(Arena arena, List<Integer> values) {
        Tensor tensor = arena.allocate(DType.I32, values.size());
        int[] array = values.stream().mapToInt(Integer::intValue).toArray();
        tensor.device().write(array, tensor);
        return tensor;
    }
}
