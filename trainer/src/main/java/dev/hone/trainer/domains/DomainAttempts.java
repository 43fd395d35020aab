package dev.hone.trainer.domains;

import dev.hone.datasets.curate.AttemptJournal;
import dev.hone.datasets.curate.EdgeFinder;
import dev.hone.datasets.curate.EdgeFinder.Measured;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.reference.ReferenceClient;
import dev.hone.datasets.reference.ReferenceSolver;
import dev.hone.datasets.solve.SolveOptions;
import dev.hone.datasets.solve.Solver;
import dev.hone.datasets.text.PairFormat;
import dev.hone.trainer.recipe.ApiClient;
import dev.hone.trainer.recipe.CurateKeys;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.run.AskedModel;
import dev.hone.trainer.run.Output;
import dev.hone.trainer.run.Progress;
import dev.hone.trainer.screen.PairFeatures;
import dev.hone.trainer.screen.ScreenedSearch;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Attempts at one domain's candidates, by a model of hone's own or by a served one, and what a screen asks of the former. */
final class DomainAttempts implements ScreenedSearch.Work, AutoCloseable {
    /** Pairs whose features are in memory together. */
    private static final int CHUNK = 1024;

    private final Path folder;
    private final String domain;
    private final @Nullable AskedModel model;
    private final @Nullable ReferenceClient served;
    private final AttemptJournal journal;
    private final Output output;
    private final Runnable between;
    private final @Nullable PairFeatures features;
    private final SolveOptions options;

    /** @param folder where the served model's answers and what they cost are kept */
    DomainAttempts(
            Recipe recipe,
            PairFormat format,
            Path folder,
            String domain,
            @Nullable AskedModel model,
            AttemptJournal journal,
            Output output,
            Runnable between) {
        this.folder = folder;
        this.domain = domain;
        this.model = model;
        this.journal = journal;
        this.output = output;
        this.between = between;
        this.features = model == null ? null : new PairFeatures(model.transformer(), format);
        CurateKeys settings = recipe.curate();
        this.served = settings.served() == null
                ? null
                : ApiClient.open(settings.served(), "curate.served", folder.resolve("served.cache"));
        this.options = new SolveOptions(
                settings.attempts(), settings.temperature(), settings.topP(), settings.maxTokens(), recipe.seed());
    }

    @Override
    public List<Measured> measure(List<Pair> pairs, boolean sampling) {
        return measure(pairs, sampling ? ", sample" : ", by prediction");
    }

    /** @param part of the domain, for people; empty where these are all */
    List<Measured> measure(List<Pair> pairs, String part) {
        long attempts = (long) pairs.size() * options.attempts();
        long known = remembered().known(pairs);
        if (known > 0) {
            output.line("%s%s: %d of %d attempts are in %s already".formatted(domain, part, known, attempts, folder));
        }
        try (Progress progress = output.progress("curate " + domain + part, known, attempts)) {
            return new EdgeFinder(solver(progress), options, journal).measure(pairs);
        }
    }

    private Solver solver(Progress progress) {
        if (served == null) {
            return Objects.requireNonNull(model).solver(progress.generation(between));
        }
        Runnable counter = progress.counter("answered by " + served.endpoint().model());
        return new ReferenceSolver(served, null, () -> {
            counter.run();
            between.run();
        });
    }

    @Override
    public void close() {
        if (served != null) {
            output.line(domain + ": " + served.endpoint().model() + ": " + served.statistics());
            served.close();
        }
    }

    /** What the journal holds, and nothing else. */
    EdgeFinder remembered() {
        return new EdgeFinder((prompts, unused) -> List.of(), options, journal);
    }

    @Override
    public void features(List<Pair> pairs, Consumer<float[][]> chunks) {
        try (Progress progress = output.progress("predict " + domain, 0, pairs.size())) {
            for (int from = 0; from < pairs.size(); from += CHUNK) {
                int to = Math.min(pairs.size(), from + CHUNK);
                PairFeatures passing = Objects.requireNonNull(features);
                chunks.accept(passing.of(pairs.subList(from, to), between));
                progress.step(to, "%,d tokens passed".formatted(passing.tokens()));
            }
        }
    }

    @Override
    public long passedTokens() {
        return Objects.requireNonNull(features).tokens();
    }
}
