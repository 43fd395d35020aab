package dev.hone.datasets.curate;

import dev.hone.datasets.curate.Dropped.Reason;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.solve.Attempt;
import dev.hone.datasets.solve.SolveOptions;
import dev.hone.datasets.solve.Solver;
import dev.hone.datasets.verify.Verdict;
import dev.hone.datasets.verify.Verifiers;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the pairs just beyond what a model can do. The model attempts each prompt, the pair's own verifier judges, and
 * pairs whose pass rate is in a band are kept. Every pair judged carries {@code attempts}, {@code pass_rate} and
 * {@code mean_logprob}, the model's confidence averaged over its attempts, in its metadata.
 */
public final class TeachabilityFilter {
    private final Solver solver;
    private final SolveOptions options;
    private final Band band;

    public TeachabilityFilter(Solver solver, SolveOptions options, Band band) {
        this.solver = solver;
        this.options = options;
        this.band = band;
    }

    /** @throws dev.hone.datasets.UserError where a pair names an unknown verifier */
    public Selection filter(List<Pair> pairs) {
        // An unknown verifier is found before the attempts are made, not after.
        pairs.forEach(pair -> Verifiers.named(pair.verifier()));
        List<List<Attempt>> attempts =
                solver.solve(pairs.stream().map(Pair::prompt).toList(), options);
        if (attempts.size() != pairs.size()) {
            throw new IllegalStateException(
                    "The solver attempted %d of %d prompts".formatted(attempts.size(), pairs.size()));
        }
        List<Pair> kept = new ArrayList<>();
        List<Dropped> dropped = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i++) {
            judge(pairs.get(i), attempts.get(i), kept, dropped);
        }
        return new Selection(kept, dropped);
    }

    private void judge(Pair pair, List<Attempt> attempts, List<Pair> kept, List<Dropped> dropped) {
        List<Verdict> verdicts = attempts.stream()
                .map(attempt -> Verifiers.named(pair.verifier()).verify(pair, attempt.text()))
                .toList();
        String error = verdicts.stream()
                .map(Verdict::error)
                .filter(reason -> reason != null)
                .findFirst()
                .orElse(null);
        if (error != null) {
            dropped.add(new Dropped(pair.withMetadata("verifier_error", error), Reason.VERIFIER_ERROR));
            return;
        }
        double passRate = verdicts.stream()
                .mapToInt(verdict -> verdict.correct() ? 1 : 0)
                .average()
                .orElseThrow();
        double meanLogprob =
                attempts.stream().mapToDouble(Attempt::meanLogprob).average().orElseThrow();
        Pair judged = pair.withMetadata("attempts", attempts.size()).withMetadata("pass_rate", passRate);
        // Served models need not tell their log-probabilities.
        if (!Double.isNaN(meanLogprob)) {
            judged = judged.withMetadata("mean_logprob", meanLogprob);
        }
        if (passRate < band.low()) {
            dropped.add(new Dropped(judged, Reason.HOPELESS));
        } else if (passRate > band.high()) {
            dropped.add(new Dropped(judged, Reason.MASTERED));
        } else {
            kept.add(judged);
        }
    }
}
