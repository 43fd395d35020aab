package dev.hone.perf.models;

import dev.hone.trainer.model.Batch;
import java.util.Collections;

/**
 * Random sequences of one length, so that libtorch sees a rectangle where hone sees packed sequences. Every token has a target.
 */
public final class Sequences {

    private final int count;
    private final int length;
    private final int[] tokens; // [count * length], like targets
    private final int[] targets;

    private Sequences(int count, int length, int[] tokens, int[] targets) {
        this.count = count;
        this.length = length;
        this.tokens = tokens;
        this.targets = targets;
    }

    public static Sequences random(String name, int count, int length, int vocabulary) {
        return new Sequences(
                count,
                length,
                Numbers.ids(name + " tokens", count * length, vocabulary),
                Numbers.ids(name + " targets", count * length, vocabulary));
    }

    public int count() {
        return count;
    }

    public int length() {
        return length;
    }

    public int[] tokens() {
        return tokens.clone();
    }

    public int[] targets() {
        return targets.clone();
    }

    /** As hone takes them. */
    public Batch packed() {
        int[] positions = new int[tokens.length];
        int[] offsets = new int[count + 1];
        for (int t = 0; t < positions.length; t++) {
            positions[t] = t % length;
        }
        for (int s = 0; s <= count; s++) {
            offsets[s] = s * length;
        }
        return new Batch(Collections.nCopies(count, "random"), tokens, positions, offsets, targets);
    }
}
