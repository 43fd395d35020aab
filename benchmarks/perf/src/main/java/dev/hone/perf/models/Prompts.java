package dev.hone.perf.models;

import java.util.Arrays;

/** Random prompts of one length, and how many tokens each completion has. */
public final class Prompts {

    private final int count;
    private final int length;
    private final int completion;
    private final int[] tokens; // [count * length]

    public Prompts(String name, int count, int length, int completion, int vocabulary) {
        this.count = count;
        this.length = length;
        this.completion = completion;
        this.tokens = Numbers.ids(name, count * length, vocabulary);
    }

    public int count() {
        return count;
    }

    public int length() {
        return length;
    }

    public int completion() {
        return completion;
    }

    /** Those of prompt {@code i}. */
    public int[] tokens(int i) {
        return Arrays.copyOfRange(tokens, i * length, (i + 1) * length);
    }

    /** Those of all prompts, one after another. */
    public int[] tokens() {
        return tokens.clone();
    }
}
