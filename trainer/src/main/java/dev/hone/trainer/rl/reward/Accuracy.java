package dev.hone.trainer.rl.reward;

/** 1 where the pair's verifier calls the answer correct, else 0. */
public record Accuracy() implements RewardFunction {
    @Override
    public double reward(Sample sample) {
        return sample.verdict().correct() ? 1 : 0;
    }
}
