package dev.hone.trainer.generate;

import dev.hone.datasets.solve.Attempt;
import dev.hone.datasets.solve.SolveOptions;
import dev.hone.datasets.solve.Solver;
import dev.hone.datasets.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** Answers prompts by a model of our own. What it answers to a prompt depends on the prompt and the seed alone. */
public final class ModelSolver implements Solver {

    private final Generator generator;
    private final Tokenizer tokenizer;
    private final GenerationProgress progress;

    public ModelSolver(Generator generator, Tokenizer tokenizer, GenerationProgress progress) {
        this.generator = generator;
        this.tokenizer = tokenizer;
        this.progress = progress;
    }

    @Override
    public List<List<Attempt>> solve(List<String> prompts, SolveOptions options) {
        List<Prompt> asked = prompts.stream()
                .map(prompt -> new Prompt(tokenizer.encode(prompt), options.attempts(), seed(prompt, options.seed())))
                .toList();
        SamplingOptions sampling = new SamplingOptions(
                options.temperature(), 0, options.topP(), 0, options.maxTokens(), Set.of(tokenizer.endOfText()));
        return generator.generate(asked, sampling, progress).stream()
                .map(completions -> completions.stream().map(this::attempt).toList())
                .toList();
    }

    private Attempt attempt(Completion completion) {
        return new Attempt(
                tokenizer.decode(completion.textTokens()),
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
