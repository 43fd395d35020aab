package dev.hone.trainer.generate;

import java.util.List;

/** Completes prompts by the weights as they are: in this process, or in several that hold the same. */
public interface Completer {

    /**
     * Draws the samples of each prompt.
     *
     * @param listener hears of each completion while others are still drawn
     * @return per prompt, in the order given, its completions
     * @throws dev.hone.datasets.UserError where a prompt does not fit the model's positions or the cache
     */
    List<List<Completion>> generate(
            List<Prompt> prompts, SamplingOptions sampling, GenerationProgress progress, CompletionListener listener);

    /** The same without a listener. */
    default List<List<Completion>> generate(
            List<Prompt> prompts, SamplingOptions sampling, GenerationProgress progress) {
        return generate(prompts, sampling, progress, (sequence, completion) -> {});
    }
}
