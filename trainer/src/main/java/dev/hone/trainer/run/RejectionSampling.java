package dev.hone.trainer.run;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.PairReader;
import dev.hone.datasets.pairs.PairWriter;
import dev.hone.datasets.solve.Attempt;
import dev.hone.datasets.solve.SolveOptions;
import dev.hone.datasets.solve.Solver;
import dev.hone.datasets.verify.Verifiers;
import dev.hone.trainer.recipe.RejectionSamplingKeys;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Best-of-n: the model answers each prompt several times, and of the answers its verifier calls correct the best are what
 * it is then fine-tuned on (Touvron et al. 2023, "Llama 2", section 3.2.3; Yuan et al. 2023, "RFT").
 */
final class RejectionSampling {

    private final RejectionSamplingKeys settings;
    private final long seed;

    RejectionSampling(RejectionSamplingKeys settings, long seed) {
        this.settings = settings;
        this.seed = seed;
    }

    static Path file(Run run) {
        return run.directory().curated().resolve("rejection-sampling.jsonl");
    }

    /** Answers the prompts with the learner as it is, and keeps what is to be learnt. */
    void run(Run run, String phase, List<Pair> pairs) {
        List<Pair> kept;
        long attempts = (long) pairs.size() * settings.numGenerations();
        try (Progress progress = run.output().progress(phase, 0, attempts)) {
            kept = best(pairs, run.learner().solver(progress.generation(run::stopIfAsked)));
        }
        long solved = kept.stream()
                .map(pair -> pair.metadata().get("prompt_id"))
                .distinct()
                .count();
        run.event(
                "rejection_sampled",
                phase,
                Map.of("prompts", pairs.size(), "attempts", attempts, "solved", solved, "kept", kept.size()));
        run.output()
                .line("%s: %d of %d prompts solved, %d responses kept"
                        .formatted(phase, solved, pairs.size(), kept.size()));
        if (kept.isEmpty()) {
            throw new UserError(
                    "None of the " + attempts
                            + " answers is correct, so there is nothing to learn from; give easier pairs, or raise rejection_sampling.num_generations");
        }
        PairWriter.write(file(run), kept);
    }

    /** The pairs that {@link #run} kept. */
    static List<Pair> read(Run run) {
        return PairReader.read(file(run));
    }

    List<Pair> best(List<Pair> pairs, Solver solver) {
        List<List<Attempt>> answers = solver.solve(
                pairs.stream().map(Pair::asked).toList(),
                new SolveOptions(
                        settings.numGenerations(),
                        settings.temperature(),
                        settings.topP(),
                        settings.maxCompletionLength(),
                        seed));
        return IntStream.range(0, pairs.size())
                .parallel()
                .mapToObj(i -> best(pairs.get(i), answers.get(i)))
                .flatMap(List::stream)
                .toList();
    }

    private List<Pair> best(Pair pair, List<Attempt> attempts) {
        Comparator<Attempt> order = settings.select().equals("shortest")
                ? Comparator.comparingInt(Attempt::tokens)
                : Comparator.comparingDouble(Attempt::meanLogprob).reversed();
        List<String> texts = attempts.stream()
                .filter(Attempt::finished)
                .filter(attempt -> !attempt.text().isEmpty())
                .sorted(order)
                .map(Attempt::text)
                .distinct()
                .filter(text ->
                        Verifiers.named(pair.verifier()).verify(pair, text).correct())
                .limit(settings.keep())
                .toList();
        List<Pair> kept = new ArrayList<>();
        for (String text : texts) {
            kept.add(pair.withResponse(text)
                    .withId(pair.id() + "-" + kept.size())
                    .withMetadata("prompt_id", pair.id()));
        }
        return kept;
    }
}
