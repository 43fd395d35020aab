package dev.hone.benchmarks;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.solve.Attempt;
import dev.hone.datasets.solve.Solver;
import dev.hone.datasets.verify.Verdict;
import dev.hone.datasets.verify.Verifiers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Has a solver answer a benchmark, grades every attempt by its pair's verifier, and says how sure the figures are. */
public final class Evaluator {

    /**
     * Evaluates; the same solver, benchmark and protocol give the same result.
     *
     * @param samplesJsonl where each attempt is logged, replaced if it is there; null for nowhere
     * @throws UserError when a pair names a verifier there is none of, or the log cannot be written
     */
    public EvalResult evaluate(Benchmark benchmark, Solver solver, Protocol protocol, @Nullable Path samplesJsonl) {
        List<Pair> pairs = benchmark.pairs();
        // An unknown verifier is found before hours of answering, not after.
        pairs.forEach(pair -> Verifiers.named(pair.verifier()));
        List<List<Attempt>> answers =
                solver.solve(pairs.stream().map(Pair::prompt).toList(), protocol.solveOptions());
        if (answers.size() != pairs.size()
                || answers.stream().anyMatch(attempts -> attempts.size() != protocol.attempts())) {
            throw new IllegalStateException("The solver did not attempt each of " + pairs.size() + " prompts "
                    + protocol.attempts() + " times");
        }
        // Computer algebra is slow, and each answer a matter of its own.
        List<Sample> samples = IntStream.range(0, pairs.size())
                .parallel()
                .mapToObj(i -> grade(pairs.get(i), answers.get(i)))
                .flatMap(List::stream)
                .toList();
        if (samplesJsonl != null) {
            SampleLog.write(samplesJsonl, samples);
        }
        return result(benchmark, protocol, samples);
    }

    private static List<Sample> grade(Pair pair, List<Attempt> attempts) {
        List<Sample> samples = new ArrayList<>();
        for (int k = 0; k < attempts.size(); k++) {
            Attempt attempt = attempts.get(k);
            Verdict verdict = Verifiers.named(pair.verifier()).verify(pair, attempt.text());
            samples.add(Sample.of(pair, k, attempt, verdict));
        }
        return samples;
    }

    private static EvalResult result(Benchmark benchmark, Protocol protocol, List<Sample> samples) {
        Map<String, List<Sample>> byProblem = new LinkedHashMap<>();
        samples.forEach(sample ->
                byProblem.computeIfAbsent(sample.id(), id -> new ArrayList<>()).add(sample));
        Map<String, Double> means = new LinkedHashMap<>();
        byProblem.forEach((id, attempts) -> means.put(id, (double) correct(attempts) / attempts.size()));
        double[] problemMeans =
                means.values().stream().mapToDouble(Double::doubleValue).toArray();
        return new EvalResult(
                benchmark.name(),
                benchmark.domain(),
                (double) correct(samples) / samples.size(),
                ClusterInterval.of(problemMeans, protocol.attempts()),
                ClusterInterval.standardError(problemMeans),
                byProblem.size(),
                protocol.attempts(),
                passAtK(byProblem, protocol.attempts()),
                mean(byProblem.values(), of -> MajorityVote.score(votes(of))),
                mean(samples, sample -> sample.finished() ? 1 : 0),
                mean(samples, Sample::tokens),
                (int) samples.stream().filter(sample -> sample.error() != null).count(),
                protocol,
                means);
    }

    private static Map<Integer, Double> passAtK(Map<String, List<Sample>> byProblem, int attempts) {
        Map<Integer, Double> passAtK = new LinkedHashMap<>();
        for (int k = 1; k <= attempts; k *= 2) {
            int chosen = k;
            passAtK.put(k, mean(byProblem.values(), of -> PassAtK.estimate(attempts, correct(of), chosen)));
        }
        return passAtK;
    }

    private static List<MajorityVote.Vote> votes(List<Sample> attempts) {
        List<MajorityVote.Vote> votes = new ArrayList<>();
        for (Sample attempt : attempts) {
            if (attempt.extracted() != null) {
                votes.add(new MajorityVote.Vote(attempt.extracted(), attempt.correct()));
            }
        }
        return votes;
    }

    private static int correct(List<Sample> samples) {
        return (int) samples.stream().filter(Sample::correct).count();
    }

    private static <T> double mean(Collection<T> values, ToDoubleFunction<T> value) {
        return values.stream().mapToDouble(value).average().orElseThrow();
    }
}
