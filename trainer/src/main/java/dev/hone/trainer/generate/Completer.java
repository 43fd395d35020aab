package dev.hone.trainer.generate;

import java.util.List;

/** Completes prompts by the weights as they are: in this process, or in several that hold the same. */
public interface Completer {

    /** Hears of completions as they end, by their place in the row of all samples of all prompts. */
    @FunctionalInterface
    interface Ended {
        void ended(int sequence, Completion completion);
    }

    /**
     * Draws the samples of each prompt.
     *
     * @param listener hears of each completion while others are still drawn
     * @return per prompt, in the order given, its completions
     * @throws dev.hone.datasets.UserError where a prompt does not fit the model's positions or the cache
     */
    List<List<Completion>> generate(
            List<Prompt> prompts, SamplingOptions sampling, GenerationProgress progress, Ended listener);

    /** The same without a listener. */
    default List<List<Completion>> generate(
            List<Prompt> prompts, SamplingOptions sampling, GenerationProgress progress) {
        return generate(prompts, sampling, progress, (sequence, completion) -> {});
    }
}
