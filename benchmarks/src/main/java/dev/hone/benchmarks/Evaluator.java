package dev.hone.benchmarks;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.solve.Ask;
import dev.hone.datasets.solve.Attempt;
import dev.hone.datasets.solve.Solver;
import dev.hone.datasets.verify.Verdict;
import dev.hone.datasets.verify.Verifier;
import dev.hone.datasets.verify.Verifiers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
        List<Sample> samples = samples(benchmark, solver, protocol, null);
        if (samplesJsonl != null) {
            SampleLog.write(samplesJsonl, samples);
        }
        return result(benchmark, protocol, samples);
    }

    /**
     * The same, resumable: what is answered is kept beside the log at once, and an evaluation that was killed goes on
     * with the problems it lacks. Its result and log are those of one never stopped.
     *
     * @param model what answers, called by a name that no other model has
     * @param write makes the result safe; only then are the answers no longer kept
     * @throws UserError also when the answers kept there are of another evaluation
     */
    public EvalResult evaluate(
            Benchmark benchmark,
            Solver solver,
            Protocol protocol,
            Path samplesJsonl,
            String model,
            Consumer<EvalResult> write) {
        try (SampleJournal journal = SampleJournal.open(samplesJsonl, benchmark, protocol, model)) {
            EvalResult result =
                    evaluate(benchmark, solver, protocol, samplesJsonl, journal).of(journal.evaluation());
            write.accept(result);
            journal.delete();
            return result;
        }
    }

    /** The same with a journal that is the caller's, to be deleted once the result is safe. */
    public EvalResult evaluate(
            Benchmark benchmark, Solver solver, Protocol protocol, Path samplesJsonl, SampleJournal journal) {
        List<Sample> samples = samples(benchmark, solver, protocol, journal);
        SampleLog.write(samplesJsonl, samples);
        return result(benchmark, protocol, samples);
    }

    /**
     * Problems of the benchmark that a killed evaluation has answered already.
     *
     * @throws UserError when the answers kept there are of another evaluation
     */
    public int answered(Benchmark benchmark, Protocol protocol, Path samplesJsonl, String model) {
        if (!SampleJournal.isThere(samplesJsonl)) {
            return 0;
        }
        try (SampleJournal journal = SampleJournal.open(samplesJsonl, benchmark, protocol, model)) {
            return journal.done().size();
        }
    }

    private static List<Sample> samples(
            Benchmark benchmark, Solver solver, Protocol protocol, @Nullable SampleJournal journal) {
        List<Pair> pairs = benchmark.pairs();
        // An unknown verifier is found before hours of answering, not after.
        pairs.forEach(pair -> Verifiers.named(pair.verifier()));
        Map<String, List<Sample>> done = new ConcurrentHashMap<>(journal == null ? Map.of() : journal.done());
        List<Pair> asked =
                pairs.stream().filter(pair -> !done.containsKey(pair.id())).toList();
        // Computer algebra and programs are slow: they are graded while others are still answered.
        ExecutorService graders =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        List<Future<?>> grading = new ArrayList<>();
        try {
            List<Integer> numbers =
                    IntStream.range(0, protocol.attempts()).boxed().toList();
            Map<Integer, SortedMap<Integer, Attempt>> made = new HashMap<>();
            List<Ask> asks = asked.stream()
                    .map(pair -> new Ask(benchmark.asked(pair), numbers))
                    .toList();
            solver.solve(asks, protocol.solveOptions(), (ask, number, attempt) -> {
                SortedMap<Integer, Attempt> ofProblem = made.computeIfAbsent(ask, i -> new TreeMap<>());
                ofProblem.put(number, attempt);
                if (ofProblem.size() == protocol.attempts()) {
                    made.remove(ask);
                    grading.add(graders.submit(() -> {
                        List<Sample> samples = grade(benchmark, asked.get(ask), List.copyOf(ofProblem.values()));
                        if (journal != null) {
                            journal.keep(samples);
                        }
                        done.put(asked.get(ask).id(), samples);
                    }));
                }
            });
            for (Future<?> one : grading) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserError("Interrupted while grading; start again to go on");
        } finally {
            finish(graders);
        }
        if (done.size() != pairs.size()) {
            throw incomplete(asked, protocol);
        }
        return pairs.stream()
                .flatMap(pair -> Objects.requireNonNull(done.get(pair.id())).stream())
                .toList();
    }

    /** What was answered is graded and kept, whatever stopped the answering. */
    private static void finish(ExecutorService graders) {
        graders.shutdown();
        try {
            if (!graders.awaitTermination(1, TimeUnit.MINUTES)) {
                graders.shutdownNow();
            }
        } catch (InterruptedException e) {
            graders.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    private static IllegalStateException incomplete(List<Pair> asked, Protocol protocol) {
        return new IllegalStateException(
                "The solver did not attempt each of " + asked.size() + " prompts " + protocol.attempts() + " times");
    }

    private static List<Sample> grade(Benchmark benchmark, Pair pair, List<Attempt> attempts) {
        String prompt = benchmark.asked(pair).text();
        List<Sample> samples = new ArrayList<>();
        for (int k = 0; k < attempts.size(); k++) {
            Attempt attempt = attempts.get(k);
            Verifier verifier = Verifiers.named(pair.verifier());
            Verdict verdict = verifier.verify(pair, attempt.text());
            samples.add(Sample.of(pair, prompt, k, attempt, verdict, verifier.followed(pair, attempt.text())));
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
                InstructionScores.of(byProblem.values()),
                protocol,
                benchmark.examples() == null ? null : benchmark.examples().identity(benchmark.pairs()),
                null,
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
