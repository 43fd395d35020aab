package dev.hone.trainer.generate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Continuous batching (Yu et al. 2022, "Orca"): a sequence that has ended leaves its row and its cache blocks at once to
 * the one that has waited longest. A sequence gets all the blocks it can come to need when it is admitted, so none has
 * to be put out again.
 */
final class Scheduler {

    /** What must happen in the cache before the next decoding step: compute prefixes, then copy blocks. */
    record Admitted(List<Prefix> prefixes, List<BlockCopy> copies) {}

    record BlockCopy(int from, int to) {}

    private final BlockAllocator blocks;
    private final int blockSize;
    private final int maxBatch;
    private final ArrayDeque<Sequence> waiting;
    private final List<Sequence> active = new ArrayList<>();

    Scheduler(int blocks, int blockSize, int maxBatch, List<Sequence> sequences) {
        this.blocks = new BlockAllocator(blocks);
        this.blockSize = blockSize;
        this.maxBatch = maxBatch;
        this.waiting = new ArrayDeque<>(sequences);
    }

    /** Blocks without which a sequence of {@code positions} positions could wait for ever. */
    static int blocksNeeded(int positions, int blockSize) {
        // One more for a partly filled block of the prefix that other samples of the prompt still wait for.
        return (positions + blockSize - 1) / blockSize + 1;
    }

    /** The sequences being decoded; the index is the row. */
    List<Sequence> active() {
        return active;
    }

    /** Puts a sequence at the end of the queue. */
    void add(Sequence sequence) {
        waiting.add(sequence);
    }

    /** Fills free rows from the front of the queue, as far as the cache allows. */
    Admitted admit() {
        List<Prefix> prefixes = new ArrayList<>();
        List<BlockCopy> copies = new ArrayList<>();
        while (active.size() < maxBatch && !waiting.isEmpty()) {
            Sequence sequence = waiting.element();
            Prefix prefix = sequence.prefix;
            int prefixBlocks = blocksOf(prefix.length());
            int shared = prefix.length() / blockSize;
            int taken = prefix.waiting == 1 ? prefixBlocks : shared;
            int own = blocksOf(sequence.maxPositions()) - taken;
            if (blocks.available() < own + (prefix.isCached() ? 0 : prefixBlocks)) {
                break;
            }
            if (!prefix.isCached()) {
                prefix.blocks = allocate(new int[prefixBlocks], 0);
                prefixes.add(prefix);
            }
            int[] table = new int[taken + own];
            System.arraycopy(prefix.blocks, 0, table, 0, taken);
            allocate(table, taken);
            if (prefix.waiting > 1) {
                for (int i = 0; i < shared; i++) {
                    blocks.share(table[i]);
                }
                if (shared < prefixBlocks) {
                    copies.add(new BlockCopy(prefix.blocks[shared], table[shared]));
                }
            }
            prefix.waiting--;
            sequence.blocks = table;
            sequence.place = active.size();
            active.add(waiting.remove());
        }
        return new Admitted(prefixes, copies);
    }

    /** Takes an active sequence out of its row, which the last row's moves into, and frees its blocks. */
    void retire(Sequence sequence) {
        for (int block : sequence.blocks) {
            blocks.release(block);
        }
        Sequence last = active.remove(active.size() - 1);
        if (last != sequence) {
            active.set(sequence.place, last);
            last.place = sequence.place;
        }
        sequence.place = -1;
    }

    int availableBlocks() {
        return blocks.available();
    }

    private int blocksOf(int positions) {
        return (positions + blockSize - 1) / blockSize;
    }

    private int[] allocate(int[] table, int from) {
        for (int i = from; i < table.length; i++) {
            table[i] = blocks.allocate();
        }
        return table;
    }
}
