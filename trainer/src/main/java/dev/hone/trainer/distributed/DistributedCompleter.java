package dev.hone.trainer.distributed;

import dev.hone.trainer.generate.Completer;
import dev.hone.trainer.generate.Completion;
import dev.hone.trainer.generate.CompletionListener;
import dev.hone.trainer.generate.GenerationProgress;
import dev.hone.trainer.generate.Generator;
import dev.hone.trainer.generate.Prompt;
import dev.hone.trainer.generate.SamplingOptions;
import dev.hone.trainer.model.Transformer;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.core.type.TypeReference;

/**
 * Generation by several processes as rank 0 sees it: prompts are dealt out. A completion follows from its prompt and seed
 * alone, so it has the same bits whoever draws it.
 */
record DistributedCompleter(Workers workers, Transformer transformer, Generator own) implements Completer {

    private static final TypeReference<List<List<Completion>>> COMPLETIONS = new TypeReference<>() {};

    @Override
    public List<List<Completion>> generate(
            List<Prompt> prompts, SamplingOptions sampling, GenerationProgress progress, CompletionListener listener) {
        workers.replicate(transformer.parameters());
        int[] first = new int[prompts.size() + 1];
        for (int i = 0; i < prompts.size(); i++) {
            first[i + 1] = first[i] + prompts.get(i).samples();
        }
        Shown shown = new Shown(progress, first[prompts.size()]);
        boolean[] here = new boolean[prompts.size()];
        List<List<Completion>> all = workers.divide(
                prompts,
                Prompt::samples,
                share -> new Order.Generate(share, sampling),
                share -> {
                    share.forEach(i -> here[i] = true);
                    int[] places = share.stream()
                            .flatMapToInt(i -> IntStream.range(first[i], first[i + 1]))
                            .toArray();
                    return own.generate(
                            Shares.of(share, prompts),
                            sampling,
                            shown,
                            (sequence, completion) -> listener.ended(places[sequence], completion));
                },
                COMPLETIONS,
                shown::waiting);
        for (int i = 0; i < here.length; i++) {
            for (int sample = 0; !here[i] && sample < all.get(i).size(); sample++) {
                listener.ended(first[i] + sample, all.get(i).get(sample));
            }
        }
        shown.all(all);
        return all;
    }

    /** The progress of all: the others are taken to be as far as this process, until they are done. */
    private static final class Shown implements GenerationProgress {
        private final GenerationProgress progress;
        private final int total;
        private int done;
        private long tokens;

        Shown(GenerationProgress progress, int total) {
            this.progress = progress;
            this.total = total;
        }

        @Override
        public void advanced(int ownDone, int ownTotal, long ownTokens) {
            done = (int) Math.min(total - 1L, (long) ownDone * total / Math.max(1, ownTotal));
            tokens = ownTokens * total / Math.max(1, ownTotal);
            progress.advanced(done, total, tokens);
        }

        void waiting() {
            progress.advanced(done, total, tokens);
        }

        void all(List<List<Completion>> completions) {
            long drawn = completions.stream()
                    .flatMap(List::stream)
                    .mapToLong(completion -> completion.tokens().length)
                    .sum();
            progress.advanced(total, total, drawn);
        }
    }
}
