package dev.hone.trainer.sft;

import dev.hone.datasets.text.TokenizedPair;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Which pairs are in which step. Every epoch visits every pair once, in an order drawn from (seed, epoch), cut into steps
 * of equally many pairs. A step's pairs follow from its number alone, so resuming needs nothing else.
 */
final class DataOrder {

    private final List<TokenizedPair> pairs;
    private final long seed;
    private final int stepsPerEpoch;
    private long shuffledEpoch = -1;
    private List<TokenizedPair> shuffled = List.of();

    DataOrder(List<TokenizedPair> pairs, int tokensPerStep, long seed) {
        this.pairs = pairs;
        this.seed = seed;
        long tokens = pairs.stream().mapToLong(TokenizedPair::length).sum();
        // A step holds at least one pair.
        this.stepsPerEpoch = (int) Math.min(pairs.size(), Math.max(1, Math.round((double) tokens / tokensPerStep)));
    }

    int stepsPerEpoch() {
        return stepsPerEpoch;
    }

    long epoch(long step) {
        return step / stepsPerEpoch;
    }

    /** The pairs of a step, counted from 0; never empty. */
    List<TokenizedPair> step(long step) {
        shuffle(epoch(step));
        long index = step % stepsPerEpoch;
        int from = Math.toIntExact(index * pairs.size() / stepsPerEpoch);
        int to = Math.toIntExact((index + 1) * pairs.size() / stepsPerEpoch);
        return shuffled.subList(from, to);
    }

    private void shuffle(long epoch) {
        if (epoch != shuffledEpoch) {
            shuffled = new ArrayList<>(pairs);
            Collections.shuffle(shuffled, new Random(seed * 0x9E3779B97F4A7C15L + epoch));
            shuffledEpoch = epoch;
        }
    }
}
