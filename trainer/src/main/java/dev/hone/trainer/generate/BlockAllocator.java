package dev.hone.trainer.generate;

/** Hands out the cache's blocks. A block that several sequences share comes back when the last one lets go of it. */
final class BlockAllocator {

    private final int[] free;
    private final int[] holders;
    private int available;

    BlockAllocator(int blocks) {
        free = new int[blocks];
        holders = new int[blocks];
        available = blocks;
        for (int i = 0; i < blocks; i++) {
            free[i] = blocks - 1 - i;
        }
    }

    int available() {
        return available;
    }

    /** A block with one holder. Throws {@link IllegalStateException} when none is left. */
    int allocate() {
        if (available == 0) {
            throw new IllegalStateException("All " + free.length + " blocks of the cache are taken");
        }
        int block = free[--available];
        holders[block] = 1;
        return block;
    }

    /** One more holder of a block that is taken. */
    void share(int block) {
        if (holders[block] == 0) {
            throw new IllegalStateException("Block " + block + " is free and cannot be shared");
        }
        holders[block]++;
    }

    /** One holder less. */
    void release(int block) {
        if (holders[block] == 0) {
            throw new IllegalStateException("Block " + block + " is free already");
        }
        if (--holders[block] == 0) {
            free[available++] = block;
        }
    }
}
