package dev.hone.trainer.run;

import dev.hone.benchmarks.Benchmark;
import dev.hone.benchmarks.EvalResult;
import dev.hone.benchmarks.Evaluator;
import dev.hone.benchmarks.Protocol;
import dev.hone.trainer.recipe.Recipe;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Evaluations within a run: answered by its learner, kept in evals/ and samples/ as {@code <phase>-<domain>}. */
public final class Evaluations {

    private final Run run;
    private final Protocol protocol;

    public Evaluations(Run run) {
        this.run = run;
        Recipe.Evaluation settings = run.recipe().evaluation();
        this.protocol = new Protocol(
                settings.attempts(), settings.temperature(), settings.topP(), settings.maxTokens(), settings.seed());
    }

    /** Has the learner, as it is now, answer a benchmark. */
    public EvalResult evaluate(String phase, Benchmark benchmark) {
        String name = name(phase, benchmark.domain());
        EvalResult result;
        try (Progress progress = run.output()
                .progress("evaluate " + name, 0, (long) benchmark.pairs().size() * protocol.attempts())) {
            result = new Evaluator()
                    .evaluate(
                            benchmark,
                            run.learner().solver(progress.generation(run::stopIfAsked)),
                            protocol,
                            run.directory().samples().resolve(name + ".jsonl"));
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
