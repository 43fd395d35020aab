package dev.hone.datasets.curate;

import java.util.Arrays;

/** Which numbered texts share a 32-bit key: a hash table whose entries are chains, in three arrays of ints. */
final class KeyIndex {
    private static final int NONE = -1;

    private int[] keys = new int[1 << 10];
    private int[] heads = filled(1 << 10);
    private int[] previous = new int[1 << 10];
    private int used;

    /** The last text of a key; -1 where there is none. */
    int last(int key) {
        return heads[slot(key)];
    }

    /** The text of the same key before this one; -1 where there is none. */
    int before(int text) {
        return previous[text];
    }

    /** @param text larger than every text added before */
    void add(int key, int text) {
        if (used >= keys.length / 4 * 3) {
            grow();
        }
        if (text >= previous.length) {
            previous = Arrays.copyOf(previous, Math.max(text + 1, previous.length + previous.length / 2));
        }
        int slot = slot(key);
        previous[text] = heads[slot];
        used += heads[slot] == NONE ? 1 : 0;
        keys[slot] = key;
        heads[slot] = text;
    }

    /** Where the key is or would be. */
    private int slot(int key) {
        int mask = keys.length - 1;
        int slot = key & mask;
        while (heads[slot] != NONE && keys[slot] != key) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        int[] oldKeys = keys;
        int[] oldHeads = heads;
        keys = new int[oldKeys.length * 2];
        heads = filled(keys.length);
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldHeads[i] != NONE) {
                int slot = slot(oldKeys[i]);
                keys[slot] = oldKeys[i];
                heads[slot] = oldHeads[i];
            }
        }
    }

    private static int[] filled(int length) {
        int[] array = new int[length];
        Arrays.fill(array, NONE);
        return array;
    }
}
