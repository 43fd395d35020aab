package dev.hone.trainer.rl.reward;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.verify.Verdict;

/**
 * What a reward judges.
 *
 * @param completion its text, without the stop token
 * @param tokens of the completion, the stop token included; not to be modified
 * @param finished ended by itself, not by the limit
 * @param verdict of the pair's verifier
 */
public record Sample(Pair pair, String completion, int[] tokens, boolean finished, Verdict verdict) {}
