package dev.hone.trainer.rl;

/** What the sum of token losses is divided by, and for some what they are; the names are TRL's. */
public enum LossType {
    /** The mean over completions of each completion's mean (Shao et al. 2024): tokens of long completions weigh less. */
    GRPO {
        @Override
        double weight(int tokens, int completions, long totalTokens, int maxCompletionLength) {
            return 1.0 / Math.max(1, tokens) / completions;
        }
    },
    /** The tokens of the whole optimizer step (Yu et al. 2025): every token weighs the same. */
    DAPO {
        @Override
        double weight(int tokens, int completions, long totalTokens, int maxCompletionLength) {
            return 1.0 / Math.max(1, totalTokens);
        }
    },
    /** A constant, completions times the longest allowed (Liu et al. 2025): no bias towards any length. */
    DR_GRPO {
        @Override
        double weight(int tokens, int completions, long totalTokens, int maxCompletionLength) {
            return 1.0 / completions / maxCompletionLength;
        }
    },
    /** As DAPO, of losses whose weights are clipped and not their gradients (MiniMax 2025). */
    CISPO {
        @Override
        double weight(int tokens, int completions, long totalTokens, int maxCompletionLength) {
            return DAPO.weight(tokens, completions, totalTokens, maxCompletionLength);
        }
    },
    /** The mean over completions of one loss each, with one ratio each (Ahmadian et al. 2024, "Back to Basics"). */
    RLOO {
        @Override
        double weight(int tokens, int completions, long totalTokens, int maxCompletionLength) {
            return 1.0 / completions;
        }
    };

    /**
     * The weight of each token's loss in the step's.
     *
     * @param tokens of this token's completion
     * @param completions in the step
     * @param totalTokens of all completions in the step
     */
    abstract double weight(int tokens, int completions, long totalTokens, int maxCompletionLength);
}
