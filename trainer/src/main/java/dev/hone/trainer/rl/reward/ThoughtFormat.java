package dev.hone.trainer.rl.reward;

import dev.hone.datasets.UserError;

/**
 * 1 where the completion starts with one thought between two marks and something follows it, else 0 (DeepSeek-AI 2025,
 * "DeepSeek-R1", section 2.2.2).
 *
 * @param start such as {@code <think>}
 * @param end such as {@code </think>}
 */
public record ThoughtFormat(String start, String end) implements RewardFunction {

    public ThoughtFormat {
        if (start.isEmpty() || end.isEmpty()) {
            throw new UserError("think_start and think_end must both be given, such as <think> and </think>");
        }
    }

    @Override
    public double reward(Sample sample) {
        String text = sample.completion().strip();
        int ends = text.indexOf(end);
        boolean wellFormed = text.startsWith(start)
                && text.indexOf(start, start.length()) < 0
                && ends > 0
                && text.indexOf(end, ends + end.length()) < 0
                && !text.substring(ends + end.length()).isBlank();
        return wellFormed ? 1 : 0;
    }
}
