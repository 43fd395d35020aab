package dev.hone.trainer.rl.reward;

/**
 * One part of a reward. It is asked by several threads at once. To bring your own, implement it in a public class with a
 * public constructor without arguments, and give its name in the recipe.
 */
@FunctionalInterface
public interface RewardFunction {

    /**
     * What a completion earns by this part. Throwing, or NaN, says that it cannot be told: the completion is then left out
     * of the loss.
     */
    double reward(Sample sample) throws Exception;
}
