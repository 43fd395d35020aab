package dev.hone.trainer.run;

import dev.hone.benchmarks.Benchmark;
import dev.hone.benchmarks.EvalResult;
import dev.hone.benchmarks.Evaluator;
import dev.hone.benchmarks.Protocol;
import dev.hone.benchmarks.SampleJournal;
import dev.hone.trainer.recipe.EvaluationKeys;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * Evaluations within a run: answered by its learner, kept in evals/ and samples/ as {@code <phase>-<domain>}. Each problem
 * is kept when it is answered, so that a run that ends in the middle of an evaluation goes on with the others.
 */
public final class Evaluations {

    private final Run run;
    private final Protocol protocol;

    public Evaluations(Run run) {
        this.run = run;
        EvaluationKeys settings = run.recipe().evaluation();
        this.protocol = new Protocol(
                settings.attempts(),
                settings.temperature(),
                settings.topK(),
                settings.topP(),
                settings.maxTokens(),
                settings.seed());
    }

    /** Has the learner, as it is now, answer a benchmark, or what it has not answered yet. */
    public EvalResult evaluate(String phase, Benchmark benchmark) {
        String name = name(phase, benchmark.domain());
        Path samples = run.directory().samples().resolve(name + ".jsonl");
        EvalResult result;
        try (SampleJournal journal = SampleJournal.openOrBegin(
                samples, benchmark, protocol, run.learner().identity())) {
            long problems = benchmark.pairs().size();
            long answered = journal.done().size();
            if (answered > 0) {
                run.output()
                        .line("evaluate " + name + ": goes on with " + (problems - answered) + " of " + problems
                                + " problems; the others were answered before");
            }
            try (Progress progress = run.output()
                    .progress("evaluate " + name, answered * protocol.attempts(), problems * protocol.attempts())) {
                result = new Evaluator()
                        .evaluate(
                                benchmark,
                                run.learner().solver(progress.generation(run::stopIfAsked)),
                                protocol,
                                samples,
                                journal);
            }
            run.spent(journal.file());
        }
        result.write(file(phase, benchmark.domain()));
        run.event(
                "evaluated",
                phase,
                Map.of(
                        "domain", result.domain(),
                        "accuracy", result.accuracy(),
                        "low", result.interval().low(),
                        "high", result.interval().high(),
                        "n", result.n()));
        run.output()
                .line(String.format(
                        Locale.ROOT,
                        "%s: %s %.1f%% (95%% interval %.1f to %.1f, %d problems)",
                        phase,
                        result.domain(),
                        100 * result.accuracy(),
                        100 * result.interval().low(),
                        100 * result.interval().high(),
                        result.n()));
        return result;
    }

    /** What {@link #evaluate} measured in an earlier phase, perhaps in another process. */
    public EvalResult of(String phase, String domain) {
        return EvalResult.read(file(phase, domain));
    }

    private Path file(String phase, String domain) {
        return run.directory().evals().resolve(name(phase, domain) + ".json");
    }

    private static String name(String phase, String domain) {
        return phase + "-" + domain;
    }
}
