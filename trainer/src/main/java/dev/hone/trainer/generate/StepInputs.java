package dev.hone.trainer.generate;

import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import dev.hone.trainer.model.CachedBatch;
import java.util.Arrays;
import java.util.BitSet;

/**
 * What a forward pass over the cache reads, for at most {@code maxTokens} tokens of {@code maxSequences} sequences:
 * gathered on the host, then carried to the device in one write, and one for each row of the block table that changed.
 */
final class StepInputs {

    private final Device device;
    private final int maxTokens;
    private final int maxSequences;
    private final int maxBlocks;
    private final int blockSize;

    /** tokens, positions, slots, drawn rows {@code [maxTokens]}; lengths {@code [maxSequences]}; offsets {@code [maxSequences + 1]}. */
    private final int[] host;

    private final Tensor packed;
    private final Tensor table;
    /** The blocks of each row, and which rows the device has others of. */
    private final int[][] blocks;

    private final BitSet changed = new BitSet();
    private int tokens;
    private int sequences;

    StepInputs(Device device, Arena arena, int maxTokens, int maxSequences, int maxBlocks, int blockSize) {
        this.device = device;
        this.maxTokens = maxTokens;
        this.maxSequences = maxSequences;
        this.maxBlocks = maxBlocks;
        this.blockSize = blockSize;
        this.host = new int[hostSize(maxTokens, maxSequences)];
        this.blocks = new int[maxSequences][];
        this.packed = arena.allocate(DType.I32, host.length);
        this.table = arena.allocate(DType.I32, maxSequences, maxBlocks);
    }

    /** Bytes of the arena that the constructor takes. */
    static long bytes(int maxTokens, int maxSequences, int maxBlocks) {
        return Arena.bytes(DType.I32, hostSize(maxTokens, maxSequences))
                + Arena.bytes(DType.I32, maxSequences, maxBlocks);
    }

    private static int hostSize(int maxTokens, int maxSequences) {
        return 4 * maxTokens + 2 * maxSequences + 1;
    }

    void clear() {
        tokens = 0;
        sequences = 0;
    }

    int tokens() {
        return tokens;
    }

    int sequences() {
        return sequences;
    }

    boolean isFull() {
        return tokens == maxTokens || sequences == maxSequences;
    }

    int freeTokens() {
        return maxTokens - tokens;
    }

    /** Adds a token to the sequence begun last. */
    void add(int token, int position, int[] blocks) {
        add(token, -1, position, blocks);
    }

    /** The same, of the token that is drawn in {@code row} of the step before; or where that is -1 of {@code token}. */
    void add(int token, int row, int position, int[] blocks) {
        host[tokens] = token;
        host[maxTokens + tokens] = position;
        host[2 * maxTokens + tokens] = blocks[position / blockSize] * blockSize + position % blockSize;
        host[3 * maxTokens + tokens] = row;
        tokens++;
    }

    /** Ends the sequence whose tokens were added last; {@code length} positions of it are then in the cache. */
    void endSequence(int length) {
        host[4 * maxTokens + sequences] = length;
        sequences++;
        host[4 * maxTokens + maxSequences + sequences] = tokens;
    }

    /** Fills up with sequences of one token, at the first place of {@code block}, until there are {@code rows}. */
    void pad(int rows, int block) {
        int[] unused = {block};
        while (sequences < rows) {
            if (!Arrays.equals(blocks[sequences], unused)) {
                setBlocks(sequences, unused);
            }
            add(0, 0, unused);
            endSequence(1);
        }
    }

    /** Sets the blocks of the sequence in row {@code row}; they stay until set again. */
    void setBlocks(int row, int[] ofSequence) {
        blocks[row] = ofSequence;
        changed.set(row);
    }

    void upload() {
        device.write(host, packed);
        changed.stream().forEach(row -> {
            int[] ofSequence = blocks[row];
            device.write(
                    ofSequence, table.rows(row, row + 1L).reshape(maxBlocks).rows(0, ofSequence.length));
        });
        changed.clear();
    }

    /** Puts tokens that the step before drew, {@code drawn [maxSequences]}, in their places. To follow {@link #upload}. */
    void take(Tensor drawn) {
        device.take(drawn, drawnRows(), ids());
    }

    /** What was added, on the device. */
    CachedBatch batch() {
        return new CachedBatch(ids(), positions(), slots(), offsets(), lengths(), blockTable());
    }

    /** {@code [tokens]}, like {@link #positions}, {@link #slots} and {@link #drawnRows}. */
    private Tensor ids() {
        return packed.rows(0, tokens);
    }

    private Tensor positions() {
        return packed.rows(maxTokens, maxTokens + tokens);
    }

    private Tensor slots() {
        return packed.rows(2L * maxTokens, 2L * maxTokens + tokens);
    }

    private Tensor drawnRows() {
        return packed.rows(3L * maxTokens, 3L * maxTokens + tokens);
    }

    /** {@code [sequences]} */
    private Tensor lengths() {
        return packed.rows(4L * maxTokens, 4L * maxTokens + sequences);
    }

    /** {@code [sequences + 1]} */
    private Tensor offsets() {
        long from = 4L * maxTokens + maxSequences;
        return packed.rows(from, from + sequences + 1);
    }

    /** {@code [sequences, maxBlocks]} */
    private Tensor blockTable() {
        return table.rows(0, sequences);
    }
}
