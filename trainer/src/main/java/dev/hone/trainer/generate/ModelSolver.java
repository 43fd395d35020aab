package dev.hone.trainer.generate;

import dev.hone.datasets.pairs.Asked;
import dev.hone.datasets.solve.Ask;
import dev.hone.datasets.solve.Attempt;
import dev.hone.datasets.solve.SolveOptions;
import dev.hone.datasets.solve.Solver;
import dev.hone.datasets.text.PairFormat;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Answers prompts by a model of our own. What it answers to a prompt depends on the prompt and the seed alone. */
public final class ModelSolver implements Solver {

    private final Completer completer;
    private final PairFormat format;
    private final GenerationProgress progress;

    public ModelSolver(Completer completer, PairFormat format, GenerationProgress progress) {
        this.completer = completer;
        this.format = format;
        this.progress = progress;
    }

    @Override
    public List<List<Attempt>> solve(List<Asked> prompts, SolveOptions options) {
        List<Prompt> asked = prompts.stream()
                .map(prompt ->
                        new Prompt(format.prompt(prompt), options.attempts(), seed(prompt.text(), options.seed())))
                .toList();
        Attempt[] attempts = new Attempt[prompts.size() * options.attempts()];
        complete(asked, options, (sequence, attempt) -> attempts[sequence] = attempt);
        return IntStream.range(0, prompts.size())
                .mapToObj(i -> List.of(attempts).subList(i * options.attempts(), (i + 1) * options.attempts()))
                .toList();
    }

    @Override
    public void solve(List<Ask> asks, SolveOptions options, Listener listener) {
        List<Prompt> prompts = new ArrayList<>();
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
                prompts.add(new Prompt(tokens, to - from, seed, first));
                for (; from < to; from++) {
                    samples.add(new Sample(i, ask.attempts().get(from)));
                }
            }
        }
        complete(prompts, options, (sequence, attempt) -> {
            Sample sample = samples.get(sequence);
            listener.made(sample.ask(), sample.number(), attempt);
        });
    }

    /** Which attempt at which prompt a sequence is. */
    private record Sample(int ask, int number) {}

    private SamplingOptions sampling(SolveOptions options) {
        return new SamplingOptions(
                options.temperature(), options.topK(), options.topP(), 0, options.maxTokens(), format.stopTokens());
    }

    /** Hears of attempts by their place in the row of all samples of all prompts. */
    @FunctionalInterface
    private interface Made {
        void made(int sequence, Attempt attempt);
    }

    private void complete(List<Prompt> prompts, SolveOptions options, Made made) {
        completer.generate(
                prompts,
                sampling(options),
                progress,
                options.until().isEmpty()
                        ? (sequence, completion) -> made.made(sequence, attempt(completion))
                        : new Stopping(options.until(), made));
    }

    /** Gives a sequence up once it has written a stop string. What is made of it follows from its tokens alone. */
    private final class Stopping implements CompletionListener {
        private final List<String> until;
        private final Made made;
        private final Map<Integer, StoppingText> texts = new HashMap<>();

        Stopping(List<String> until, Made made) {
            this.until = until;
            this.made = made;
        }

        @Override
        public boolean drawn(int sequence, int token) {
            // The token that ends an answer is none of its text.
            return format.stopTokens().contains(token) || text(sequence).add(token);
        }

        @Override
        public void ended(int sequence, Completion completion) {
            StoppingText text = text(sequence);
            texts.remove(sequence);
            int[] tokens = completion.textTokens();
            // Of a sequence that another process drew nothing was heard yet.
            while (text.tokens() < tokens.length && !text.stopped()) {
                text.add(tokens[text.tokens()]);
            }
            Completion taken = text.stopped() ? completion.first(text.tokens()) : completion;
            String written = text.end();
            made.made(
                    sequence,
                    new Attempt(
                            written, taken.meanLogprob(), taken.tokens().length, taken.finished() || text.stopped()));
        }

        private StoppingText text(int sequence) {
            return texts.computeIfAbsent(sequence, begun -> new StoppingText(format.tokenizer(), until));
        }
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
