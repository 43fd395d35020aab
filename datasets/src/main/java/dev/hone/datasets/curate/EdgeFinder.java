package dev.hone.datasets.curate;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.solve.Ask;
import dev.hone.datasets.solve.Attempt;
import dev.hone.datasets.solve.SolveOptions;
import dev.hone.datasets.solve.Solver;
import dev.hone.datasets.verify.Verdict;
import dev.hone.datasets.verify.Verifiers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Has a model attempt pairs and their own verifiers judge. Verifiers work while the model does, on all processors; with a
 * journal, attempts and verdicts that are in it are not made again.
 */
public final class EdgeFinder {

    private final Solver solver;
    private final SolveOptions options;
    private final @Nullable AttemptJournal journal;

    public EdgeFinder(Solver solver, SolveOptions options, @Nullable AttemptJournal journal) {
        this.solver = solver;
        this.options = options;
        this.journal = journal;
    }

    /**
     * What became of a pair.
     *
     * @param features where it stands; null where its verifier failed
     * @param error why that failed; null where it did not
     */
    public record Measured(
            Pair pair,
            @Nullable EdgeFeatures features,
            @Nullable String error) {}

    /**
     * How many attempts at these pairs are in the journal.
     *
     * @throws dev.hone.datasets.UserError where a pair names an unknown verifier
     */
    public long known(List<Pair> pairs) {
        return pairs.stream()
                .mapToLong(pair -> options.attempts() - missing(pair).size())
                .sum();
    }

    /** The attempts at a pair that the journal holds, in their order. */
    public List<Attempt> attempts(Pair pair) {
        if (journal == null) {
            return List.of();
        }
        String key = journal.key(pair.asked().identity(), options);
        return IntStream.range(0, options.attempts())
                .mapToObj(number -> journal.attempt(key, number))
                .filter(Objects::nonNull)
                .toList();
    }

    /** @throws dev.hone.datasets.UserError where a pair names an unknown verifier, before any attempt is made */
    public List<Measured> measure(List<Pair> pairs) {
        pairs.forEach(pair -> Verifiers.named(pair.verifier()));
        ExecutorService graders =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors(), task -> {
                    Thread thread = new Thread(task, "grader");
                    thread.setDaemon(true);
                    return thread;
                });
        List<Future<?>> grades = new ArrayList<>();
        try {
            return measure(pairs, graders, grades);
        } finally {
            // Not interrupted, which would close the journal under it: what is being graded is awaited.
            grades.forEach(grade -> grade.cancel(false));
            graders.shutdown();
            awaitEnd(graders);
        }
    }

    private static void awaitEnd(ExecutorService graders) {
        try {
            graders.awaitTermination(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Measured> measure(List<Pair> pairs, ExecutorService graders, List<Future<?>> grades) {
        List<Grading> gradings = pairs.stream().map(Grading::new).toList();
        List<Integer> places = new ArrayList<>();
        List<Ask> asks = new ArrayList<>();
        for (int i = 0; i < gradings.size(); i++) {
            Grading grading = gradings.get(i);
            List<Integer> missing = missing(pairs.get(i));
            if (!missing.isEmpty()) {
                places.add(i);
                asks.add(new Ask(pairs.get(i).asked(), missing));
            }
            if (missing.size() < options.attempts()) {
                grades.add(graders.submit(() -> grading.recall(missing)));
            }
        }
        if (!asks.isEmpty()) {
            solver.solve(asks, options, (ask, number, attempt) -> {
                Grading grading = gradings.get(places.get(ask));
                if (journal != null) {
                    journal.add(grading.key, number, attempt);
                }
                grades.add(graders.submit(() -> grading.grade(number, attempt)));
            });
        }
        grades.forEach(EdgeFinder::await);
        return gradings.stream().map(Grading::measured).toList();
    }

    private List<Integer> missing(Pair pair) {
        String key = journal == null ? "" : journal.key(pair.asked().identity(), options);
        return IntStream.range(0, options.attempts())
                .filter(number -> journal == null || !journal.hasAttempt(key, number))
                .boxed()
                .toList();
    }

    private static void await(Future<?> future) {
        try {
            future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while grading", e);
        }
    }

    /** A pair whose attempts are being judged. The texts are let go of as soon as all are. */
    private final class Grading {
        private final Pair pair;
        private final String key;
        private final String gradeKey;
        private @Nullable Attempt[] attempts = new @Nullable Attempt[options.attempts()];
        private @Nullable Verdict[] verdicts = new @Nullable Verdict[options.attempts()];
        private int judged;
        private @Nullable Measured measured;

        Grading(Pair pair) {
            this.pair = pair;
            this.key = journal == null ? "" : journal.key(pair.asked().identity(), options);
            this.gradeKey = AttemptJournal.gradeKey(key, pair);
        }

        /** Takes from the journal what is not missing. */
        void recall(List<Integer> missing) {
            AttemptJournal known = Objects.requireNonNull(journal);
            for (int number = 0; number < options.attempts(); number++) {
                if (!missing.contains(number)) {
                    Attempt attempt = Objects.requireNonNull(known.attempt(key, number));
                    Verdict verdict = known.verdict(gradeKey, number);
                    if (verdict == null) {
                        grade(number, attempt);
                    } else {
                        judged(number, attempt, verdict);
                    }
                }
            }
        }

        void grade(int number, Attempt attempt) {
            Verdict verdict = Verifiers.named(pair.verifier()).verify(pair, attempt.text());
            if (journal != null) {
                journal.add(gradeKey, number, verdict);
            }
            judged(number, attempt, verdict);
        }

        private synchronized void judged(int number, Attempt attempt, Verdict verdict) {
            attempts[number] = attempt;
            verdicts[number] = verdict;
            judged++;
            if (judged < options.attempts()) {
                return;
            }
            List<Verdict> all =
                    Arrays.stream(verdicts).map(Objects::requireNonNull).toList();
            String error = all.stream()
                    .map(Verdict::error)
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElse(null);
            measured = new Measured(
                    pair,
                    error == null
                            ? EdgeFeatures.of(
                                    pair,
                                    Arrays.stream(attempts)
                                            .map(Objects::requireNonNull)
                                            .toList(),
                                    all)
                            : null,
                    error);
            attempts = new @Nullable Attempt[0];
            verdicts = new @Nullable Verdict[0];
        }

        synchronized Measured measured() {
            return Objects.requireNonNull(measured, "attempts are missing");
        }
    }
}
