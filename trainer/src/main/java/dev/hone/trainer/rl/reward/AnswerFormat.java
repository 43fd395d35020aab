package dev.hone.trainer.rl.reward;

/** 1 where the completion ended by itself and an answer was found where it belongs, else 0. */
public record AnswerFormat() implements RewardFunction {
    @Override
    public double reward(Sample sample) {
        return sample.finished() && sample.verdict().extracted() != null ? 1 : 0;
    }
}
