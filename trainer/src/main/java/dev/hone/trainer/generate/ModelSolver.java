package dev.hone.trainer.generate;

import dev.hone.datasets.pairs.Asked;
import dev.hone.datasets.solve.Ask;
import dev.hone.datasets.solve.Attempt;
import dev.hone.datasets.solve.SolveOptions;
import dev.hone.datasets.solve.Solver;
import dev.hone.datasets.text.PairFormat;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Answers prompts by a model of our own. What it answers to a prompt depends on the prompt and the seed alone. */
public final class ModelSolver implements Solver {

    private final Generator generator;
    private final PairFormat format;
    private final GenerationProgress progress;

    public ModelSolver(Generator generator, PairFormat format, GenerationProgress progress) {
        this.generator = generator;
        this.format = format;
        this.progress = progress;
    }

    @Override
    public List<List<Attempt>> solve(List<Asked> prompts, SolveOptions options) {
        List<Prompt> asked = prompts.stream()
                .map(prompt ->
                        new Prompt(format.prompt(prompt), options.attempts(), seed(prompt.text(), options.seed())))
                .toList();
        return generator.generate(asked, sampling(options), progress).stream()
                .map(completions -> completions.stream().map(this::attempt).toList())
                .toList();
    }

    @Override
    public void solve(List<Ask> asks, SolveOptions options, Listener listener) {
        Generator.Decoding decoding = generator.decoding();
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < asks.size(); i++) {
            Ask ask = asks.get(i);
            int[] tokens = format.prompt(ask.prompt());
            long seed = seed(ask.prompt().text(), options.seed());
            for (int from = 0; from < ask.attempts().size(); ) {
                int first = ask.attempts().get(from);
                int to = from + 1;
                while (to < ask.attempts().size() && ask.attempts().get(to) == first + to - from) {
                    to++;
                }
                // Samples in a row share their prompt's pass.
                decoding.add(new Prompt(tokens, to - from, seed, first), sampling(options));
                for (; from < to; from++) {
                    samples.add(new Sample(i, ask.attempts().get(from)));
                }
            }
        }
        Handing handing = new Handing(samples, listener);
        while (!decoding.isIdle()) {
            decoding.step(handing);
            progress.advanced(handing.done, samples.size(), handing.tokens);
        }
    }

    /** Which attempt at which prompt a sequence is. */
    private record Sample(int ask, int number) {}

    /** Hands attempts on as their sequences end. */
    private final class Handing implements Generator.Listener {
        private final List<Sample> samples;
        private final Listener listener;
        private int done;
        private long tokens;

        Handing(List<Sample> samples, Listener listener) {
            this.samples = samples;
            this.listener = listener;
        }

        @Override
        public boolean drawn(int sequence, int token, float logprob) {
            tokens++;
            return true;
        }

        @Override
        public void ended(int sequence, Completion completion) {
            Sample sample = samples.get(sequence);
            listener.made(sample.ask(), sample.number(), attempt(completion));
            done++;
        }
    }

    private SamplingOptions sampling(SolveOptions options) {
        return new SamplingOptions(
                options.temperature(), options.topK(), options.topP(), 0, options.maxTokens(), format.stopTokens());
    }

    private Attempt attempt(Completion completion) {
        return new Attempt(
                format.tokenizer().decode(completion.textTokens()),
                completion.meanLogprob(),
                completion.tokens().length,
                completion.finished());
    }

    /** Of the prompt's text, so that solving a part of the prompts gives the same answers as solving all. */
    private static long seed(String prompt, long seed) {
        long hash = seed;
        for (byte one : prompt.getBytes(StandardCharsets.UTF_8)) {
            hash = Seeds.mix(hash, one);
        }
        return hash;
    }
}
